import type { Principal } from "@tandem/contracts/principal";
import type { RequestView } from "@tandem/kernel/request-view";
import type { Presented } from "./presented.ts";

/** A credential that proved good: what every later request with it is held to. */
export interface Verified {
  readonly principal: Principal;
  /** By what it can be taken back before it expires. */
  readonly marks: Marks;
  /** Whoever presents it must prove to hold this. */
  readonly confirmation?: Confirmation | undefined;
  /** Milliseconds after which it is looked at anew, where that is sooner than for others. */
  readonly keepFor?: number | undefined;
}

/** The names under which a credential can be revoked, beside its own text. */
export interface Marks {
  readonly id?: string | undefined;
  /** In which it was given, with others: the `sid` of a token. */
  readonly session?: string | undefined;
  /** Of the key that signed it. */
  readonly keyId?: string | undefined;
  /** Epoch seconds. */
  readonly issuedAt?: number | undefined;
}

/** The `cnf` of a token (RFC 7800): thumbprints of a certificate (RFC 8705), or of a key (RFC 9449). */
export interface Confirmation {
  readonly certificate?: string;
  readonly key?: string;
}

/** What must hold with every request, however often the credential was seen; throws where it does not. */
export type Condition = (verified: Verified, presented: Presented, request: RequestView) => void | Promise<void>;
