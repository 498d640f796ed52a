import { tokenError } from "./token-error.ts";
import type { Verified } from "./verified.ts";

/**
 * What a strategy says, now or later. Passport's functions, which hold on to this, outlive their request by far: V8 puts
 * what is assigned to a property as a function literal among the old. So nothing here may lead to an exchange for longer
 * than the strategy takes.
 */
export class Verdict {
  #verified: Verified | undefined;
  #refusal: unknown;
  #wake: (() => void) | undefined;

  readonly settle = (error: unknown, verified?: Verified | false, reason?: unknown): void => {
    if (verified) this.#verified = verified;
    // Form, issuer, key and claims are refused in our own words; what the verifier refuses beyond that is the signature.
    else this.#refusal = error ?? tokenError("token.signature", undefined, reason);
    this.#wake?.();
    this.#wake = undefined;
  };

  /** Goes on with what proved good, synchronously where the strategy was; throws what was refused. */
  follow(proceed: (verified: Verified) => void | Promise<void>): void | Promise<void> {
    const act = (): void | Promise<void> => {
      if (!this.#verified) throw this.#refusal;
      return proceed(this.#verified);
    };
    if (this.#verified !== undefined || this.#refusal !== undefined) return act();
    return new Promise<void>((resolve) => (this.#wake = resolve)).then(act);
  }
}
