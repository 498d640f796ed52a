import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Duplex } from "node:stream";
import type { Vouched } from "@tandem/contracts/explanation";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import type { Route } from "@tandem/contracts/route";
import { HeaderEdits } from "./header-list.ts";
import type { PathPattern } from "./patterns/path-pattern.ts";
import type { RequestRecord } from "./record.ts";
import type { Reply } from "./reply.ts";
import type { NodeRequest, RequestView } from "./request-view.ts";

/** Either of Node's response objects. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** What whoever asks for a dry run says beyond the request: what nobody is there to prove or to send. */
export interface Given {
  /** For the tier that finds out who calls: take this one for the caller, and look at no credential. */
  readonly caller?: Principal;
  /** For the tier that is told: what the security tier would vouch for. */
  readonly vouched?: Vouched;
  /** The whole body, whatever of it the stages read. */
  readonly content?: Buffer;
}

/**
 * What Node gave us, for the few who must hand it on: Express, and the upgrade proxy. A dry run has nothing but what was
 * given with it; nothing at all has what is sent and no client waits for, such as the copy for a mirror.
 */
export type Transport =
  | { readonly kind: "http"; readonly request: NodeRequest; readonly response: NodeResponse }
  | { readonly kind: "upgrade"; readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  | ({ readonly kind: "dry" } & Given)
  | { readonly kind: "none" };

interface ExchangeParts {
  readonly request: RequestView;
  readonly reply: Reply;
  readonly record: RequestRecord;
  readonly transport: Transport;
  /** The error writer, for what fails after `run` has returned. */
  readonly fail: (exchange: Exchange, error: unknown) => void;
}

/** One request as stages see it, and what was decided about it so far. */
export class Exchange {
  readonly request: RequestView;
  readonly reply: Reply;
  readonly record: RequestRecord;
  readonly transport: Transport;
  /** What the next hop is told beyond, or instead of, what the client sent. */
  readonly outgoing: HeaderEdits = new HeaderEdits();
  principal: Principal = anonymous;
  route: Route | undefined;
  /** The pattern of the route that the path matched; its parameters are read with `matchPath`. */
  pattern: PathPattern | undefined;
  /** The service chosen for this request, where its route has several. */
  service: string | undefined;
  /** Path and query for the next hop, where a stage rewrote them. */
  target: string | undefined;
  /** What a dry run would have done. */
  planned: string | undefined;
  #ended = false;
  /** Nobody waits for an effect any more. */
  #over = false;
  #failed = false;
  #leaveListeners: (() => void)[] | undefined;
  readonly #fail: ExchangeParts["fail"];

  constructor(parts: ExchangeParts) {
    this.request = parts.request;
    this.reply = parts.reply;
    this.record = parts.record;
    this.transport = parts.transport;
    this.#fail = parts.fail;
  }

  /** Minted by us; it stands in the log, in the answer and in every problem. */
  get id(): string {
    return this.record.id;
  }

  /** A stage has acted, or the exchange has failed: no further stage runs. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The client has left, or an error was written: whatever is found out from here on is for nobody. */
  get over(): boolean {
    return this.#over;
  }

  /**
   * Ends the way with an effect: an answer, a request sent on, something spent. A dry run notes it and does nothing;
   * so it is too when the client left, or an error was written, while the stage waited for something.
   */
  act(what: string, effect: () => void | Promise<void>): void | Promise<void> {
    if (this.#over) return;
    if (this.#ended) throw new Error(`${what}: the exchange has ended already`);
    this.#ended = true;
    if (this.transport.kind === "dry") this.planned = what;
    else return effect();
  }

  /**
   * Answers with a problem; for effects that fail after their stage has returned. The first failure is the one told. It
   * never throws: it is where the last `catch` of a promise leads, and beyond that is only the end of the process.
   */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#ended = true;
    this.#over = true;
    try {
      this.#fail(this, error);
    } catch (cause) {
      this.record.broke(cause);
      this.record.ending = "broken-off";
      this.reply.destroy();
    }
  }

  /** Calls back when the client leaves before it has the whole answer; at once if it has left already. */
  onLeave(listener: () => void): void {
    if (this.#over) listener();
    else (this.#leaveListeners ??= []).push(listener);
  }

  /** Tells whoever waits that the client has left; the gateway calls it, once. One that throws keeps no other from hearing it. */
  left(): void {
    this.#ended = true;
    this.#over = true;
    const listeners = this.#leaveListeners;
    this.#leaveListeners = undefined;
    if (!listeners) return;
    for (const listener of listeners)
      try {
        listener();
      } catch (cause) {
        this.record.broke(cause);
      }
  }
}
