import type { Verified } from "./verified.ts";

/** A passport strategy as it is here: what it is handed is a `Presented`, never an Express request. */
export interface CredentialStrategy {
  authenticate(presented: object): void;
  success(verified: Verified): void;
  fail(reason: unknown, status: number): void;
  error(error: unknown): void;
}

/** One kind of credential: its strategy, and word of whatever makes earlier verdicts of it void. */
export interface Kind {
  readonly name: KindName;
  /** Succeeds with a `Verified`; its own refusals are told as errors. */
  readonly strategy: CredentialStrategy;
  onChange(listener: () => void): void;
}

export type KindName = "jwt" | "opaque" | "api-key" | "certificate";
