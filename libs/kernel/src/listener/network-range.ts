import { isIP } from "node:net";

/** The addresses of a network, first and last, as numbers; IPv4 written as IPv6 is IPv4. */
export interface NetworkRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const mapped = 0xffffn << 32n;

/** Reads an address or a network that was checked before. */
export function rangeOf(cidr: string): NetworkRange {
  const [address = "", bits] = cidr.split("/");
  const family = isIP(address) === 6 ? 6 : 4;
  const width = family === 6 ? 128 : 32;
  const free = BigInt(width - Number(bits ?? width));
  const first = ((family === 6 ? numberOf6(address) : numberOf4(address)) >> free) << free;
  const last = first + (1n << free) - 1n;
  if (family === 6 && first >> 32n === mapped >> 32n && free <= 32n)
    return { family: 4, first: first - mapped, last: last - mapped };
  return { family, first, last };
}

const numberOf4 = (address: string): bigint => address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);

function numberOf6(address: string): bigint {
  const dotted = address.lastIndexOf(":") + 1;
  const plain = address.includes(".") ? `${address.slice(0, dotted)}${groupsOf4(address.slice(dotted))}` : address;
  const [before = "", after] = plain.split("::");
  const head = groupsOf(before);
  const tail = groupsOf(after ?? "");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

const groupsOf = (text: string): string[] => (text === "" ? [] : text.split(":"));

function groupsOf4(address: string): string {
  const number = numberOf4(address);
  return `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
}

/** Tells whether every address of a network is in one of the others, or in several of them together. */
export function isCovered(network: NetworkRange, by: readonly NetworkRange[]): boolean {
  const others = by
    .filter(({ family, last }) => family === network.family && last >= network.first)
    .toSorted((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
  let open = network.first;
  for (const { first, last } of others) {
    if (first > open) return false;
    if (last >= open) open = last + 1n;
    if (open > network.last) return true;
  }
  return false;
}
