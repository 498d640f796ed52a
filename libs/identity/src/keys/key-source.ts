import type { VerificationKey } from "../jose/verification-key.ts";

/** Where the public keys of one issuer come from. */
export interface KeySource {
  /** The keys at hand; a promise only where none are yet. Rejects, or throws, `identity.unavailable` where there is no telling. */
  keys(): readonly VerificationKey[] | Promise<readonly VerificationKey[]>;
  /** Looks for keys that are newer than those at hand; for a token whose key is not among them. */
  renew(): Promise<readonly VerificationKey[]>;
  /** Called whenever the keys have changed: nothing that an old key vouched for may be kept. */
  onChange(listener: () => void): void;
  close(): void;
}
