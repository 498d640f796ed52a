import { randomBytes, scrypt } from "node:crypto";

/** How much work one guess is (RFC 7914 §2): N is for memory and time, r for the size of a block, p for time. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** A hash of a secret that a person chose, and with what it was made. */
export interface ScryptHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** A quarter of a second and 32 MiB, on a common machine of 2025. */
export const usualCost: ScryptCost = { N: 32_768, r: 8, p: 3 };

const form = /^scrypt:(\d{1,8}),(\d{1,3}),(\d{1,3}):([A-Za-z0-9_-]{22,86}):([A-Za-z0-9_-]{43,86})$/;

/** Bytes. A file must not be able to take a gateway's memory, or its time: neither by mistake nor by design. */
const mostMemory = 64 * 1024 * 1024;
/** N times r times p. */
const mostWork = 2 ** 21;
const least = { N: 16_384, r: 8 };

/** Tells a text that means to be a hash by scrypt; whether it is one, `readScryptHash` says. */
export const isMarkedAsScrypt = (text: string): boolean => text.startsWith("scrypt:");

/** Reads `scrypt:N,r,p:salt:hash`, both in base64url, or says why it cannot be used. */
export function readScryptHash(text: string): ScryptHash | string {
  const [, N, r, p, salt = "", digest = ""] = form.exec(text) ?? [];
  if (N === undefined) return "expected scrypt:N,r,p:salt:hash, as tandem hash-secret --scrypt prints it";
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const fault = faultOf(cost);
  return fault ?? { cost, salt: Buffer.from(salt, "base64url"), digest: Buffer.from(digest, "base64url") };
}

/** Makes the hash of a secret, as it stands in a file. */
export async function createScryptHash(secret: string, cost = usualCost): Promise<string> {
  const salt = randomBytes(16);
  const digest = await derive(secret, { cost, salt, digest: Buffer.alloc(32) });
  const { N, r, p } = cost;
  return `scrypt:${N},${r},${p}:${salt.toString("base64url")}:${digest.toString("base64url")}`;
}

/** What a secret comes to with the salt and the cost of a hash; worked out in a thread of the pool. */
export function derive(secret: string, { cost, salt, digest }: ScryptHash): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Node's own limit is the memory of the least cost.
    scrypt(secret, salt, digest.length, { ...cost, maxmem: 2 * mostMemory }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function faultOf({ N, r, p }: ScryptCost): string | undefined {
  if (N < 2 || (N & (N - 1)) !== 0 || p < 1) return "N must be a power of two, and p at least 1";
  if (N < least.N || r < least.r) return `too weak: N must be at least ${least.N}, and r at least ${least.r}`;
  if (128 * N * r > mostMemory) return "128 * N * r is more than 64 MiB of memory";
  return N * r * p > mostWork ? `N * r * p is more than ${mostWork}: it would take seconds` : undefined;
}
