import { realm } from "@tandem/contracts/challenge";

/** The errors of RFC 6749 §5.2, RFC 8693 §2.2.2 and RFC 7009 §2.2.1, and one for whoever guesses (named as in RFC 8628). */
export type OAuthErrorCode =
  | "invalid_client"
  | "invalid_dpop_proof"
  | "invalid_grant"
  | "invalid_request"
  | "invalid_scope"
  | "invalid_target"
  | "slow_down"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_token_type"
  | "use_dpop_nonce";

interface Particulars {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the record alone. */
  readonly detail?: string | undefined;
}

/** What a token request is refused with; the description is public, and must hold nothing that the client sent. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: string | undefined;

  constructor(code: OAuthErrorCode, description: string, { status = 400, headers = {}, detail }: Particulars = {}) {
    super(description);
    this.name = "OAuthError";
    this.code = code;
    this.status = status;
    this.headers = headers;
    this.detail = detail;
  }
}

/** One answer for every way of not being a client: which part was wrong is for a guesser to wonder, and for the record to say. */
export const invalidClient = (detail?: string): OAuthError =>
  new OAuthError("invalid_client", "the client is not known, or did not prove it", {
    status: 401,
    detail,
    headers: { "www-authenticate": `Basic realm="${realm}"` },
  });
