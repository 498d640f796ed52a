import { GatewayError } from "@tandem/contracts/errors";
import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { tokenError } from "../authenticate/token-error.ts";
import type { Verified } from "../authenticate/verified.ts";
import type { IntrospectionIssuerOptions } from "../issuers/config.ts";
import { fetchDocument, reasonOf } from "../issuers/fetch-document.ts";
import { TwoGenerations } from "../two-generations.ts";
import { checkKind, claimsOfAnswer } from "./introspection-answer.ts";
import type { Claims } from "./kept-token.ts";
import type { OpaqueText } from "./own-tokens.ts";
import { Turnstile } from "./turnstile.ts";
import { unavailable } from "../unavailable.ts";
import { verifiedOf } from "./verified-of.ts";

interface RemoteTokensOptions {
  readonly issuer: IntrospectionIssuerOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: typeof globalThis.fetch;
}

interface Refused {
  readonly error: GatewayError;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** RFC 6750 §2.1; anything else cannot be a token, and is sent nowhere. */
const tokenForm = /^[\w.~+/-]+=*$/;

/** Milliseconds. Long enough that one bad token, sent again and again, costs its server next to nothing. */
const refusalsLast = 2000;
const refusalsKept = 4096;
/** Bytes. */
const largestAnswer = 65_536;

/** Says for whom somebody else's opaque token stands: asks its server, once for all who wait, and not too often at once. */
export class RemoteTokens {
  readonly #options: Required<RemoteTokensOptions>;
  readonly #asked = new Map<string, Promise<Verified>>();
  readonly #refused = new TwoGenerations<Refused>(refusalsKept);
  readonly #turnstile = new Turnstile({ inside: 64, waiting: 1024 });
  readonly #credentials: string;
  #failing = false;

  constructor(options: RemoteTokensOptions) {
    const { clientId, clientSecret } = options.issuer;
    this.#options = { fetch: globalThis.fetch, ...options };
    this.#credentials = basicOf(clientId, clientSecret.reveal());
  }

  async judge({ text, digest, dry = false }: OpaqueText): Promise<Verified> {
    if (!tokenForm.test(text)) throw tokenError("token.malformed", "it holds what no token can hold");
    const { error, until = 0 } = this.#refused.get(digest) ?? {};
    if (error && this.#options.clock.monotonic() < until) throw error;
    if (dry) return this.#verifiedBy(await this.#claimsOf(text));
    const before = this.#asked.get(digest);
    if (before) return before;
    const answer = this.#ask(text, digest).finally(() => this.#asked.delete(digest));
    this.#asked.set(digest, answer);
    return answer;
  }

  async #ask(text: string, digest: string): Promise<Verified> {
    try {
      return this.#verifiedBy(await this.#claimsOf(text));
    } catch (error) {
      if (error instanceof GatewayError && error.status === 401)
        this.#refused.set(digest, { error, until: this.#options.clock.monotonic() + refusalsLast });
      throw error;
    }
  }

  async #claimsOf(text: string): Promise<Claims | undefined> {
    const { logger } = this.#options;
    try {
      const claims = claimsOfAnswer(await this.#answerTo(text));
      if (this.#failing) logger.info("opaque tokens can be checked again");
      this.#failing = false;
      return claims;
    } catch (error) {
      if (!this.#failing) logger.warn("opaque tokens cannot be checked", { error: reasonOf(error) });
      this.#failing = true;
      throw unavailable(error);
    }
  }

  /** The body of a good answer; all of it, the wait included, within the time. */
  async #answerTo(text: string): Promise<string> {
    const { issuer, clock, fetch } = this.#options;
    const end = clock.monotonic() + issuer.timeout;
    await this.#turnstile.enter(issuer.timeout);
    try {
      const timeout = Math.max(1, Math.ceil(end - clock.monotonic()));
      const headers = {
        accept: "application/json",
        authorization: this.#credentials,
        "content-type": "application/x-www-form-urlencoded",
      };
      const body = new URLSearchParams({ token: text, token_type_hint: "access_token" }).toString();
      return (await fetchDocument(issuer.url, { fetch, timeout, limit: largestAnswer, post: { headers, body } })).text;
    } finally {
      this.#turnstile.leave();
    }
  }

  #verifiedBy(claims: Claims | undefined): Verified {
    if (!claims) throw tokenError("token.inactive");
    checkKind(claims);
    const { issuer, clock } = this.#options;
    // An `iss` says who issued the token, and must not make it one of another issuer that we know.
    if (issuer.issuer !== undefined && claims["iss"] !== undefined && claims["iss"] !== issuer.issuer)
      throw tokenError("token.issuer");
    const now = clock.now();
    const { audience: audiences, claims: paths, clockSkew, cacheFor: keepFor } = issuer;
    const iss = issuer.issuer ?? new URL(issuer.url).origin;
    // Without an end of its own, it ends with the answer.
    const exp = claims["exp"] ?? Math.ceil((now + keepFor) / 1000);
    const sub = claims["sub"] ?? claims["username"] ?? claims["client_id"];
    const rules = { issuer: iss, audiences, claims: paths, clockSkew, keepFor, method: "opaque", now } as const;
    return verifiedOf({ ...claims, sub, exp }, rules);
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they become a password. */
function basicOf(id: string, secret: string): string {
  const [user, password] = [id, secret].map((part) => new URLSearchParams({ "": part }).toString().slice(1));
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
