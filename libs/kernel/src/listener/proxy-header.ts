/** Who a balancer says is at the other end. */
export interface ProxiedClient {
  readonly address: string;
  readonly port: number;
}

/** How long a header may be, TLVs and all; far more than any balancer sends. */
const longestProxyHeader = 4096;

/** The fixed part, which tells how much follows. */
export const proxyPrefixLength = 16;

const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

/** Why the first bytes of a connection are no PROXY header. */
export class ProxyHeaderError extends Error {
  override readonly name = "ProxyHeaderError";
}

/** Reads the fixed part of a PROXY v2 header, and gives the length of what follows. */
export function readProxyPrefix(prefix: Buffer): number {
  if (prefix.length < proxyPrefixLength || !prefix.subarray(0, 12).equals(signature))
    throw new ProxyHeaderError("the connection does not begin with a PROXY v2 header");
  const version = prefix[12]! >> 4;
  const command = prefix[12]! & 0x0f;
  if (version !== 2) throw new ProxyHeaderError(`PROXY version ${version} is not supported`);
  if (command > 1) throw new ProxyHeaderError(`PROXY command ${command} is unknown`);
  const length = prefix.readUInt16BE(14);
  if (proxyPrefixLength + length > longestProxyHeader) throw new ProxyHeaderError(`a PROXY header of ${length} bytes`);
  return length;
}

/** Reads what follows the fixed part. Nothing: the balancer speaks for itself, or does not know its client. TLVs are skipped. */
export function readProxiedClient(prefix: Buffer, rest: Buffer): ProxiedClient | undefined {
  const local = (prefix[12]! & 0x0f) === 0;
  if (local) return undefined;
  const family = prefix[13] ?? 0;
  switch (family) {
    // UNSPEC: "the receiver must accept the connection and use its real endpoints".
    case 0x00:
      return undefined;
    case 0x11:
      return { address: ipv4(part(rest, 0, 4)), port: part(rest, 8, 2).readUInt16BE() };
    case 0x21:
      return { address: ipv6(part(rest, 0, 16)), port: part(rest, 32, 2).readUInt16BE() };
    default:
      throw new ProxyHeaderError(`PROXY family and protocol 0x${family.toString(16)} do not go with TCP`);
  }
}

function part(bytes: Buffer, start: number, length: number): Buffer {
  if (bytes.length < start + length) throw new ProxyHeaderError("the addresses of the PROXY header are cut off");
  return bytes.subarray(start, start + length);
}

const ipv4 = (bytes: Buffer): string => bytes.join(".");

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return ipv4(bytes.subarray(12));
  // A URL writes every address in the one short form that sockets use, too.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
