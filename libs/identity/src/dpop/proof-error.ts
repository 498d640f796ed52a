/** The errors of RFC 9449 §5 and §7.1. */
export type ProofErrorCode = "invalid_dpop_proof" | "use_dpop_nonce";

/** A proof that proves nothing; the message is public, and holds nothing of the proof. */
export class ProofError extends Error {
  override readonly name = "ProofError";
  readonly code: ProofErrorCode;
  /** What the next proof has to hold (RFC 9449 §8). */
  readonly nonce: string | undefined;

  constructor(message: string, nonce?: string) {
    super(message);
    this.code = nonce === undefined ? "invalid_dpop_proof" : "use_dpop_nonce";
    this.nonce = nonce;
  }
}
