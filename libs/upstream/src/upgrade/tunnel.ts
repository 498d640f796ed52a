import type { Duplex } from "node:stream";
import type { TunnelEnd } from "@tandem/kernel/record";
import { closeFrame } from "./close-frame.ts";
import { closeTogether } from "./close-together.ts";
import type { UpgradeLimits } from "./config.ts";
import { Direction } from "./direction.ts";

/** What both sides are told; at most 123 bytes fit into a close frame. */
const reasons: Readonly<Record<TunnelEnd, string>> = {
  idle: "nothing was said for too long",
  age: "open for as long as it may be",
  drain: "the gateway is going away",
};

/** How long one side may take to read what the other sent before it closed. */
const grace = 10_000;
/** How long both may take to answer our close frames, after the end of frames under way. */
const patience = 2_000;

interface TunnelParts {
  readonly client: Duplex;
  readonly service: Duplex;
  readonly limits: UpgradeLimits;
  /** Called before anything is closed. */
  readonly ending: (why: TunnelEnd) => void;
}

/** An open WebSocket between two sockets that somebody else has joined by pipes: it ends when either side does, or when we say so. */
export class Tunnel {
  readonly #client: Duplex;
  readonly #service: Duplex;
  readonly #limits: UpgradeLimits;
  readonly #ending: TunnelParts["ending"];
  readonly #fromClient: Direction;
  readonly #fromService: Direction;
  readonly #letGo: () => void;
  readonly #age: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout;
  #heardAt = performance.now();
  #leaving = false;

  constructor({ client, service, limits, ending }: TunnelParts) {
    this.#client = client;
    this.#service = service;
    this.#limits = limits;
    this.#ending = ending;
    const { maxAge, idleTimeout } = limits;
    this.#age = maxAge === undefined ? undefined : setTimeout(() => this.leave("age"), maxAge).unref();
    this.#silence = setTimeout(this.#checkSilence, idleTimeout).unref();
    this.#fromClient = new Direction(client, service, { masked: true, progress: this.#progress });
    this.#fromService = new Direction(service, client, { masked: false, progress: this.#progress });
    this.#letGo = closeTogether(client, service, grace);
    client.once("close", this.#forget);
    service.once("close", this.#forget);
  }

  /** We have begun to end it. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Tells both sides 1001, as soon as no frame is cut by it, and closes; whoever does not answer in time is cut off. */
  leave(why: TunnelEnd): void {
    if (this.#leaving || this.#client.destroyed || this.#service.destroyed) return;
    this.#leaving = true;
    this.#forget();
    this.#ending(why);
    const [up, down] = [this.#fromClient, this.#fromService];
    if (up.lost || down.lost) return this.#destroy();
    const late = setTimeout(() => this.#destroy(), patience);
    this.#client.once("close", () => this.#service.destroyed && clearTimeout(late));
    this.#service.once("close", () => this.#client.destroyed && clearTimeout(late));
    // Either side has begun to close already: the two are about to agree, and a second close frame would be one too many.
    if (up.closed || down.closed || this.#client.writableEnded || this.#service.writableEnded) return;
    this.#letGo();
    up.endWith(closeFrame(reasons[why], { masked: true }));
    down.endWith(closeFrame(reasons[why], { masked: false }));
  }

  readonly #progress = (): void => {
    if (!this.#leaving) {
      this.#heardAt = performance.now();
      return;
    }
    const [up, down] = [this.#fromClient, this.#fromService];
    if (up.lost || down.lost) return this.#destroy();
    // Each has had our close frame and given its own: nothing more will be said.
    if (down.said && up.closed) this.#client.end();
    if (up.said && down.closed) this.#service.end();
  };

  readonly #checkSilence = (): void => {
    const left = this.#heardAt + this.#limits.idleTimeout - performance.now();
    if (left <= 0) this.leave("idle");
    else this.#silence = setTimeout(this.#checkSilence, Math.ceil(left)).unref();
  };

  readonly #forget = (): void => {
    clearTimeout(this.#silence);
    clearTimeout(this.#age);
  };

  #destroy(): void {
    this.#client.destroy();
    this.#service.destroy();
  }
}
