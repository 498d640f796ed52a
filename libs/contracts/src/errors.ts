/** Every problem a client can be told of: its status and public title. `urn:tandem:problem:<code>` is the type of the answer. */
export const problems = {
  "access.denied": { status: 403, title: "The caller may not do this" },
  "assertion.audience": { status: 401, title: "The assertion is meant for another audience" },
  "assertion.expired": { status: 401, title: "The assertion is too old or not yet valid" },
  "assertion.holder": { status: 401, title: "The assertion belongs to another certificate" },
  "assertion.malformed": { status: 401, title: "The assertion is malformed" },
  "assertion.missing": { status: 401, title: "This tier accepts only requests that the security tier vouches for" },
  "assertion.signature": { status: 401, title: "The assertion is not signed by a known key" },
  "body.too-large": { status: 413, title: "The request body is too large" },
  "credentials.certificate": { status: 401, title: "The client certificate stands for nobody here" },
  "credentials.expired": { status: 401, title: "The credential has expired" },
  "credentials.invalid": { status: 401, title: "The credential is not valid" },
  "credentials.multiple": { status: 400, title: "The request carries more than one credential" },
  "credentials.unsupported": { status: 401, title: "This kind of credential is not accepted here" },
  "identity.required": { status: 401, title: "This resource needs an authenticated caller" },
  "identity.unavailable": { status: 503, title: "The caller's credentials cannot be checked at the moment" },
  "request.aborted": { status: 499, title: "The client left before the answer" },
  "request.conflict": { status: 409, title: "The request does not fit the state of things" },
  "request.expectation": { status: 417, title: "The expectation cannot be met" },
  "request.framing": { status: 400, title: "The framing of the request is ambiguous" },
  "request.head-too-large": { status: 431, title: "The request head is too large" },
  "request.header": { status: 400, title: "A request header is malformed or ambiguous" },
  "request.host": { status: 400, title: "The host is missing, malformed or ambiguous" },
  "request.malformed": { status: 400, title: "The request is malformed" },
  "request.method": { status: 501, title: "This method is not supported" },
  "request.path": { status: 400, title: "The path is malformed or ambiguous" },
  "request.timeout": { status: 408, title: "The request was not received in time" },
  "request.upgrade": { status: 400, title: "Only an upgrade to websocket is supported" },
  "request.uri-too-long": { status: 414, title: "The request target is too long" },
  "route.method": { status: 405, title: "The resource does not support this method" },
  "route.unknown": { status: 404, title: "No route leads there" },
  "server.busy": { status: 503, title: "The gateway is reading as many request bodies as it may at once" },
  "server.error": { status: 500, title: "The gateway failed" },
  "tier.failed": { status: 502, title: "The routing tier broke off" },
  "tier.refused": { status: 502, title: "The routing tier refused the connection" },
  "tier.timeout": { status: 504, title: "The routing tier did not answer in time" },
  "tier.unavailable": { status: 503, title: "No routing gateway is available" },
  "token.algorithm": { status: 401, title: "The token's algorithm is not accepted" },
  "token.audience": { status: 401, title: "The token is meant for another audience" },
  "token.binding": { status: 401, title: "The token is bound to a key that the caller did not show" },
  "token.claims": { status: 401, title: "A claim of the token is missing or not acceptable" },
  "token.expired": { status: 401, title: "The token has expired" },
  "token.inactive": { status: 401, title: "The token has expired, was revoked, or never was" },
  "token.issuer": { status: 401, title: "The token's issuer is not trusted" },
  "token.key": { status: 401, title: "The token is signed by an unknown key" },
  "token.malformed": { status: 401, title: "The token is malformed" },
  "token.not-yet-valid": { status: 401, title: "The token is not valid yet" },
  "token.proof": { status: 401, title: "The proof that comes with the token is missing or not acceptable" },
  "token.proof-nonce": { status: 401, title: "The proof must hold the nonce that comes with this answer" },
  "token.revoked": { status: 401, title: "The credential was revoked" },
  "token.signature": { status: 401, title: "The token's signature is wrong" },
  "token.throttled": { status: 429, title: "Too many failed attempts" },
  "token.too-long": { status: 401, title: "The token is too long" },
  "upstream.breaker-open": { status: 503, title: "The service is given a rest after too many failures" },
  "upstream.failed": { status: 502, title: "The service broke off" },
  "upstream.no-instance": { status: 503, title: "The service has no healthy instance" },
  "upstream.overloaded": { status: 503, title: "The service has as many requests as it may have at once" },
  "upstream.refused": { status: 502, title: "The service refused the connection" },
  "upstream.timeout": { status: 504, title: "The service did not answer in time" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

interface Particulars {
  /** What the log may know and the client may not. */
  readonly cause?: unknown;
  /** A public sentence on this very case. */
  readonly detail?: string;
  /** Headers of the answer, such as `allow` or `www-authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further public members of the problem, such as the rule that was missed. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** The one way to refuse a request: a code from the table, and what may be said of it. */
export class GatewayError extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, { cause, detail, headers = {}, members = {} }: Particulars = {}) {
    super(detail ? `${code}: ${detail}` : code, cause === undefined ? undefined : { cause });
    this.name = "GatewayError";
    this.code = code;
    this.status = problems[code].status;
    this.detail = detail;
    this.headers = headers;
    this.members = members;
  }
}
