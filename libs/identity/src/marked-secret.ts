import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomLength = 43;
const checksumLength = 6;

/**
 * Makes a secret that can be told from any other text: a prefix that scanners look for, 256 random bits, and a checksum,
 * so that a mistyped or made-up one is refused without a look at the store, and a leaked one is found without a false alarm.
 */
export function createMarkedSecret(prefix: string, random: Buffer = randomBytes(32)): string {
  const body = `${prefix}_${base62(BigInt(`0x${random.toString("hex")}`), randomLength)}`;
  return body + checksumOf(body);
}

/** Tells whether a text has the prefix, the form and the right checksum; not whether anybody made it. */
export function isMarkedSecret(text: string, prefix: string): boolean {
  if (!text.startsWith(`${prefix}_`) || text.length !== prefix.length + 1 + randomLength + checksumLength) return false;
  const body = text.slice(0, -checksumLength);
  return /^\w+$/.test(text) && checksumOf(body) === text.slice(-checksumLength);
}

const checksumOf = (body: string): string => base62(BigInt(crc32(body)), checksumLength);

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text;
  return text.padStart(length, "0");
}
