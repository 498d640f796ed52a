import { Strategy } from "passport-strategy";
import { Presented } from "./presented.ts";
import type { CredentialStrategy } from "./strategy.ts";
import type { Verified } from "./verified.ts";

type Verify = (presented: Presented) => Verified | Promise<Verified>;

const PassportStrategy: new () => CredentialStrategy = Strategy;

/** A passport strategy of our own: one function that says for whom a credential stands, or throws. No `#private`: passport derives from it. */
export class OwnStrategy extends PassportStrategy {
  private readonly verify: Verify;

  constructor(verify: Verify) {
    super();
    this.verify = verify;
  }

  override authenticate(presented: object): void {
    if (!(presented instanceof Presented)) throw new TypeError("this strategy is for credentials");
    try {
      const verified = this.verify(presented);
      if (!(verified instanceof Promise)) return this.success(verified);
      verified.then((later) => this.success(later)).catch((error: unknown) => this.error(error));
    } catch (error) {
      this.error(error);
    }
  }
}
