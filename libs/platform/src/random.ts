import { randomFillSync } from "node:crypto";

/** The names that requests and spans go by; unguessable, and not in any order. */
export interface Ids {
  /** 26 characters of lower-case base32 (130 bits), told from a trace id at a glance. */
  requestId(): string;
  /** 32 hex digits, all random (W3C level 2). */
  traceId(): string;
  /** 16 hex digits. */
  spanId(): string;
}

interface IdOptions {
  /** Fills the pool; a test gives known bytes. */
  readonly fill?: (pool: Uint8Array) => void;
}

const poolSize = 4096;
const base32 = "abcdefghijklmnopqrstuvwxyz234567";
/** Two base32 digits for every ten bits: thirteen look-ups make an id. */
const pairs = Array.from({ length: 1024 }, (_, bits) => base32.charAt(bits >> 5) + base32.charAt(bits & 31));

/** Draws ids from a pool of random bytes, because asking the kernel for sixteen at a time costs more than the id. */
export function createIds({ fill = randomFillSync }: IdOptions = {}): Ids {
  const pool = Buffer.alloc(poolSize);
  let next = poolSize;
  const take = (count: number): number => {
    if (next + count > poolSize) {
      fill(pool);
      next = 0;
    }
    const start = next;
    next += count;
    return start;
  };
  const hex = (count: number): string => {
    const start = take(count);
    return pool.toString("hex", start, start + count);
  };
  return {
    requestId() {
      const start = take(26);
      let id = "";
      for (let at = start; at < start + 26; at += 2) {
        id += pairs[(((pool[at] ?? 0) << 8) | (pool[at + 1] ?? 0)) & 1023] ?? "";
      }
      return id;
    },
    traceId: () => hex(16),
    spanId: () => hex(8),
  };
}
