/** A kind of number that is only ever written with its unit, so that nobody has to guess it. */
export interface Quantity {
  readonly pattern: RegExp;
  readonly factors: Readonly<Record<string, number>>;
  /** What people write instead of a unit, as the beginning of it in lower case. */
  readonly aliases: readonly (readonly [written: string, unit: string])[];
  readonly expected: string;
}

/** Durations, in milliseconds. */
export const time: Quantity = {
  pattern: /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/,
  factors: { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 },
  aliases: [
    ["mil", "ms"],
    ["ms", "ms"],
    ["s", "s"],
    ["m", "m"],
    ["h", "h"],
    ["d", "d"],
  ],
  expected: 'a duration such as "250ms", "3s", "10m", "1h" or "7d"',
};

/** Sizes, in bytes. */
export const size: Quantity = {
  pattern: /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/,
  factors: { B: 1, KiB: 1024, MiB: 1_048_576, GiB: 1_073_741_824 },
  aliases: [
    ["b", "B"],
    ["k", "KiB"],
    ["m", "MiB"],
    ["g", "GiB"],
  ],
  expected: 'a size such as "512B", "64KiB" or "1MiB"',
};

/** The number that a text stands for, or nothing where it is no such quantity or not a whole number. */
export function parseQuantity(quantity: Quantity, text: string): number | undefined {
  const match = quantity.pattern.exec(text);
  const factor = quantity.factors[match?.[2] ?? ""];
  if (match === null || factor === undefined) return undefined;
  const exact = Number(match[1]) * factor;
  const whole = Math.round(exact);
  // "1.005s" is 1005 ms in spite of binary fractions; "0.0001s" is nothing at all.
  return Number.isSafeInteger(whole) && Math.abs(exact - whole) < 1e-6 ? whole : undefined;
}

/** "64 kb" was meant to be "64KiB". */
export function repairQuantity(quantity: Quantity, text: string): string | undefined {
  const match = /^ *(\d+(?:\.\d+)?) *([a-z]+) *$/i.exec(text);
  const written = match?.[2]?.toLowerCase();
  if (match === null || written === undefined) return undefined;
  const alias = quantity.aliases.find(([beginning]) => written.startsWith(beginning));
  return alias === undefined ? undefined : `${match[1]}${alias[1]}`;
}
