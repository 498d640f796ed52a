import type { Attempt, Endpoint } from "@tandem/contracts/upstream";
import type { Dispatcher } from "undici";
import type { Instance } from "./instance.ts";

/** An instance as its pool holds it: what discovery says of it may change, its connections stay. */
export class PooledInstance implements Instance {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  /** Settles when its connections are closed. */
  readonly closed: Promise<void>;
  id: string;
  weight: number;
  latency = 0;
  /** It refused a connection a moment ago. */
  cooling: NodeJS.Timeout | undefined;
  #inFlight = 0;
  #retired = false;
  #closing = false;
  readonly #settle: () => void;

  constructor({ id, origin, weight }: Endpoint, dispatcher: Dispatcher) {
    this.id = id;
    this.origin = origin;
    this.weight = weight;
    this.dispatcher = dispatcher;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#settle = resolve;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  begin(): void {
    this.#inFlight++;
  }

  end({ startedAt, firstByteAt }: Attempt): void {
    this.#inFlight--;
    if (firstByteAt !== undefined) this.latency = firstByteAt - startedAt;
    if (this.#inFlight === 0 && this.#retired) this.#close();
  }

  /** Its connections are closing: it cannot come back. */
  get gone(): boolean {
    return this.#closing;
  }

  /** Takes over what discovery says now; also of one that was retired and has come back in time. */
  update({ id, weight }: Endpoint): void {
    this.id = id;
    this.weight = weight;
    this.#retired = false;
  }

  /** Nothing new is given to it; its connections close once the last exchange has ended. */
  retire(): void {
    this.#retired = true;
    clearTimeout(this.cooling);
    this.cooling = undefined;
    if (this.#inFlight === 0) this.#close();
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    // A dispatcher that was destroyed already refuses to close: it is closed all the same.
    this.dispatcher.close().then(this.#settle, this.#settle);
  }
}
