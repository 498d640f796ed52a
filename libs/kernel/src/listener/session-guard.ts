import type { ConnectionEnd } from "@tandem/contracts/connection-ends";
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Exchange } from "../exchange.ts";
import { Allowance } from "./allowance.ts";
import type { ListenLimits } from "./config.ts";
import type { Connection } from "./connection.ts";

/** PING and SETTINGS frames that a client may send in ten seconds; each makes us answer. */
const controlFrames = 1000;

/** How long a session may take to say goodbye. */
const farewell = 1000;

/** Keeps one HTTP/2 session within what HTTP/1.1 gets from Node by itself: times, and a bound on what costs us more than the client. */
export class SessionGuard {
  readonly session: ServerHttp2Session;
  readonly #connection: Connection;
  readonly #limits: ListenLimits;
  readonly #resets: Allowance;
  readonly #controls: Allowance;
  /** Exchanges whose request body is still to come, and since when. */
  readonly #receiving = new Map<Exchange, number>();
  #open = 0;
  #idleSince: number;
  #retiredAt: number | undefined;

  constructor(session: ServerHttp2Session, connection: Connection, limits: ListenLimits) {
    const now = performance.now();
    this.session = session;
    this.#connection = connection;
    this.#limits = limits;
    this.#resets = new Allowance(limits.resets, now);
    this.#controls = new Allowance(controlFrames, now);
    this.#idleSince = now;
    const control = (): void => {
      if (!this.#controls.take(performance.now())) this.#calmDown();
    };
    session.on("ping", control);
    session.on("remoteSettings", control);
    session.on("goaway", (code) => connection.endsBy("goaway", codes[code]));
  }

  /** Counts a stream in. */
  opened(): void {
    this.#open++;
    if (++this.#connection.requests >= this.#limits.requestsPerConnection) this.retire("request-limit");
  }

  /** Counts a stream out; the client took it back unless it ended well or we broke it off ourselves. */
  closed(stream: ServerHttp2Stream, exchange: Exchange | undefined): void {
    const now = performance.now();
    this.#open--;
    this.#idleSince = now;
    if (exchange) this.#receiving.delete(exchange);
    const well = stream.rstCode === constants.NGHTTP2_NO_ERROR || exchange?.record.ending === "broken-off";
    if (!well && !this.#resets.take(now)) this.#calmDown();
  }

  /** Notes that a body is to come. */
  receiving(exchange: Exchange, stream: ServerHttp2Stream): void {
    this.#receiving.set(exchange, performance.now());
    stream.once("end", () => this.#receiving.delete(exchange));
  }

  /** Says goodbye: streams under way may finish, and no further one is taken. */
  retire(why: ConnectionEnd, now: number = performance.now()): void {
    if (this.#retiredAt !== undefined || this.session.destroyed) return;
    this.#retiredAt = now;
    this.#connection.endsBy(why);
    this.session.close();
  }

  /** Looks after the timeouts; gives the exchanges whose request did not come in time. */
  sweep(now: number): Exchange[] {
    const { headTimeout, keepAlive, requestTimeout } = this.#limits;
    // Only requests keep a session alive: neither pings nor half a head do.
    if (this.#open === 0) {
      const isNew = this.#connection.requests === 0;
      if (now - this.#idleSince > (isNew ? headTimeout : keepAlive))
        this.retire(isNew ? "head-timeout" : "keep-alive", now);
      if (this.#retiredAt !== undefined && now - Math.max(this.#retiredAt, this.#idleSince) > farewell)
        this.session.destroy();
    }
    if (this.#receiving.size === 0) return [];
    const late: Exchange[] = [];
    for (const [exchange, since] of this.#receiving)
      if (now - since > requestTimeout) {
        this.#receiving.delete(exchange);
        late.push(exchange);
      }
    return late;
  }

  /** RFC 9113 §10.5: a client that makes more work than it is worth is sent away, with all that it asked for. */
  #calmDown(): void {
    if (this.session.destroyed) return;
    this.#connection.endsBy("calm-down");
    this.session.destroy(new Error("enhance your calm"), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}

/** The error codes of RFC 9113 §7, by their numbers. */
const codes = [
  undefined,
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;
