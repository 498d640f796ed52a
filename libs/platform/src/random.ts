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
const base32 = Buffer.from("abcdefghijklmnopqrstuvwxyz234567");
const idLength = 26;

/** Draws ids from a pool of random bytes, because asking the kernel for sixteen at a time costs more than the id. */
export function createIds({ fill = randomFillSync }: IdOptions = {}): Ids {
  const pool = Buffer.alloc(poolSize);
  const id = Buffer.alloc(idLength);
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
      const start = take(idLength);
      for (let at = 0; at < idLength; at++) id[at] = base32[pool[start + at]! & 31]!;
      return id.toString("latin1");
    },
    traceId: () => hex(16),
    spanId: () => hex(8),
  };
}
