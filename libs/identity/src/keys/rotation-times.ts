import { assertionLifetime, assertionSkew } from "@tandem/contracts/assertion";
import type { KeyAlgorithm } from "./create-key-file.ts";

const second = 1000;
const minute = 60 * second;

interface Times {
  /** Milliseconds for which the next key is known before it signs. */
  readonly lead: number;
  /** Milliseconds for which the longest-lived thing that is signed may live. */
  readonly longestLife: number;
  /** Milliseconds for which a verifier may believe it beyond that, and some more. */
  readonly margin: number;
}

/** Key sets may be cached for a minute, and a gateway sees a new file within a second or two; verifiers allow five minutes of skew at most. */
const read = { lead: 65 * second, margin: 6 * minute } as const;

/** What a rotation goes by where nothing else is said. The routing tier looks at its directory every second, and for each key that it does not know. */
export const rotationTimes: Readonly<Record<KeyAlgorithm, Times>> = {
  RS256: { ...read, longestLife: 24 * 60 * minute },
  ES256: { ...read, longestLife: 10 * minute },
  EdDSA: {
    lead: 5 * second,
    longestLife: assertionLifetime * second,
    margin: (assertionSkew + 25) * second,
  },
};

/** Milliseconds for which a key is kept after another signs in its place, when what it signed lives for `lifetime` at most. */
export function retireAfterOf(algorithm: KeyAlgorithm, lifetime = rotationTimes[algorithm].longestLife): number {
  return lifetime + rotationTimes[algorithm].margin;
}
