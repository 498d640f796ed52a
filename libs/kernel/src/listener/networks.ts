import { BlockList, isIP, SocketAddress } from "node:net";

/** Tells whether an address is in one of the networks; `cidrs` were checked before. IPv4 written as IPv6 is IPv4. */
export function networksOf(cidrs: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const { address, prefix, family } = partsOf(cidr) ?? {};
    if (address === undefined || prefix === undefined) throw new TypeError(`"${cidr}" is no network`);
    list.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
  };
}

/** Tells whether a text is an address or a network such as `10.0.0.0/8`. */
export const isNetwork = (text: string): boolean => partsOf(text) !== undefined;

/** Tells whether only this machine can reach a listener on that host. */
export const isLoopback = (host: string): boolean => host === "localhost" || loopback(host);

const loopback = networksOf(["127.0.0.0/8", "::1/128"]);

function partsOf(text: string): { address: string; prefix: number; family: number } | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  // A zone such as `fe80::1%eth0` is an address, and yet none that a list can hold.
  if (family === 0 || rest.length > 0 || !SocketAddress.parse(family === 6 ? `[${address}]` : address))
    return undefined;
  const longest = family === 6 ? 128 : 32;
  if (bits === undefined) return { address, prefix: longest, family };
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  return prefix >= 0 && prefix <= longest ? { address, prefix, family } : undefined;
}
