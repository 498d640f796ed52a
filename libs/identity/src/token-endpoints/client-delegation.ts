import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { clientIdPattern } from "../issuers/client-id.ts";
import type { ClientOptions } from "../issuers/config.ts";
import type { DelegationOptions } from "../issuers/delegation-config.ts";
import { fetchDocument, reasonOf, UnexpectedStatus } from "../issuers/fetch-document.ts";
import { unavailable } from "../unavailable.ts";
import { TwoGenerations } from "../two-generations.ts";
import { ClientRefused } from "./client-refused.ts";
import { rightsOfAnswer } from "./delegation-answer.ts";
import { FairLine } from "./fair-line.ts";
import type { PresentedSecret } from "./presented-client.ts";

interface DelegationParts {
  readonly options: DelegationOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Question = Pick<PresentedSecret, "id" | "secret">;

interface Known {
  readonly client: ClientOptions;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** Bytes. */
const largestAnswer = 16_384;
/** Characters. */
const longestSecret = 1024;

/** Asks an authentication server about clients that are not registered here: once for all who wait, and not too often at once. */
export class ClientDelegation {
  readonly #parts: DelegationParts;
  /** Nothing that is kept under it can be guessed at, or be of use to another process. */
  readonly #key = randomBytes(32);
  readonly #known = new TwoGenerations<Known>(8192);
  readonly #asked = new Map<string, Promise<ClientOptions>>();
  readonly #line = new FairLine({ inside: 32, waiting: 256, each: 128 });
  #failing = false;

  constructor(parts: DelegationParts) {
    this.#parts = parts;
  }

  /** Rejects with ClientRefused where the server says no, and with 503 where it does not say. */
  async proved({ id, secret }: PresentedSecret, from: string): Promise<ClientOptions> {
    if (!clientIdPattern.test(id) || secret === "" || secret.length > longestSecret)
      throw new ClientRefused("no client has such an id, or such a secret");
    const { options, clock } = this.#parts;
    // With its length: where the id ends must not be for the presenter to choose.
    const mark = createHmac("sha256", this.#key).update(`${id.length}:${id}${secret}`).digest("base64url");
    const known = this.#known.get(mark);
    if (known && known.until > clock.monotonic()) return known.client;
    const before = this.#asked.get(mark);
    if (before) return before;
    const answer = this.#ask({ id, secret }, from).finally(() => this.#asked.delete(mark));
    this.#asked.set(mark, answer);
    const asked = clock.monotonic();
    const client = await answer;
    if (options.cacheFor > 0) this.#known.set(mark, { client, until: asked + options.cacheFor });
    return client;
  }

  async #ask({ id, secret }: Question, from: string): Promise<ClientOptions> {
    const { options, logger } = this.#parts;
    try {
      const rights = rightsOfAnswer(await this.#answerTo({ id, secret }, from), id, options);
      this.#answered();
      return clientOf(id, rights, options);
    } catch (error) {
      if (error instanceof UnexpectedStatus && (error.status === 401 || error.status === 403)) {
        this.#answered();
        throw new ClientRefused("the authentication server refused it");
      }
      if (!this.#failing) logger.warn("clients cannot be checked", { url: options.url, error: reasonOf(error) });
      this.#failing = true;
      throw unavailable(error);
    }
  }

  #answered(): void {
    if (this.#failing) this.#parts.logger.info("clients can be checked again", { url: this.#parts.options.url });
    this.#failing = false;
  }

  /** The body of a good answer; all of it, the wait included, within the time. */
  async #answerTo({ id, secret }: Question, from: string): Promise<string> {
    const { options, clock } = this.#parts;
    const { url, send, token, timeout: patience } = options;
    const end = clock.monotonic() + patience;
    await this.#line.enter(from, patience);
    try {
      const fields = { client_id: id, client_secret: secret };
      const post = {
        headers: {
          accept: "application/json",
          "content-type": send === "json" ? "application/json" : "application/x-www-form-urlencoded",
          ...(token && { authorization: `Bearer ${token.reveal()}` }),
        },
        body: send === "json" ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
      };
      const timeout = Math.max(1, Math.ceil(end - clock.monotonic()));
      return (await fetchDocument(url, { fetch, timeout, limit: largestAnswer, post })).text;
    } finally {
      this.#line.leave();
    }
  }
}

/** Such a client may no more than ask in its own name: what it is trusted with beyond that is for a registration to say. */
function clientOf(id: string, rights: ReturnType<typeof rightsOfAnswer>, options: DelegationOptions): ClientOptions {
  const { scopes, roles, tenant } = rights;
  const { tokens, refresh } = options;
  const own = { scopes: [...scopes], roles: [...roles], ...(tenant !== undefined && { tenant }) };
  return { id, ...own, tokens, refresh, introspects: "own", exchange: false };
}
