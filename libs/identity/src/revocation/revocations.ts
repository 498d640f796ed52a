import type { Condition } from "../authenticate/verified.ts";

/** What is taken back: every credential that bears the mark. Times are epoch seconds. */
export type Revoked =
  /** One token, by its `tokenDigest`. */
  | { readonly kind: "token"; readonly digest: string }
  /** One token, by its `jti`. */
  | ({ readonly kind: "id"; readonly id: string } & OfIssuer)
  /** Everything that a subject was given until then. */
  | ({ readonly kind: "subject"; readonly subject: string; readonly before: number } & OfIssuer)
  /** Everything that a client was given until then. */
  | ({ readonly kind: "client"; readonly client: string; readonly before: number } & OfIssuer)
  /** Everything that was given in one session: to one family of refresh tokens. */
  | ({ readonly kind: "session"; readonly session: string } & OfIssuer)
  /** Everything that a key signed. */
  | ({ readonly kind: "key"; readonly keyId: string } & OfIssuer);

/** Two issuers may use one name for different things; without an issuer the name counts whoever uses it. */
interface OfIssuer {
  readonly issuer?: string | undefined;
}

/** Who wants it. */
export interface Asked {
  /** A client, for what it was given itself: as often as it likes, and so not in the place that others may need. */
  readonly byClient?: boolean;
}

/** Knows what was taken back before it expired. */
export interface Revocations {
  /**
   * Takes it back: here at once, in every other gateway within a second. Kept until the epoch millisecond given, when nothing
   * that it names can still be valid. Rejects with `StoreUnavailable`: it counts here then, and elsewhere once the store answers;
   * or it counts nowhere, where there are too many.
   */
  revoke(what: Revoked, until: number, asked?: Asked): Promise<void>;
  /** Refuses what was taken back, and whatever it is set to refuse while nobody can tell. */
  readonly condition: Condition;
}
