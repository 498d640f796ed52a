import type { Attempt, Endpoint } from "@tandem/contracts/upstream";
import type { Dispatcher } from "undici";
import { Breaker } from "../breaker/breaker.ts";
import { OutlierRecord } from "../health/outlier-record.ts";
import type { ProbeRecord } from "../health/probe-record.ts";
import { Failures, type FailureKind } from "./failures.ts";
import type { Instance } from "./instance.ts";
import { Latency } from "./latency.ts";
import type { Rules } from "./rules.ts";

/** What an instance needs of the pool that it belongs to. */
export interface House {
  readonly rules: Rules;
  readonly now: () => number;
  /** Exchanges under way at all its instances together. */
  inFlight: number;
  /** How often one of them was ejected, and how often a breaker opened; those that are gone count as well. */
  ejections: number;
  breaks: number;
  /** Something that decides who takes part has changed. */
  changed(): void;
  /** It failed so much that it ought to be ejected, if there is anybody else. */
  toEject(instance: PooledInstance): void;
}

/** An instance as its pool holds it: what discovery says of it may change; its connections, and what it did, stay. */
export class PooledInstance implements Instance {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  /** Settles when its connections are closed. */
  readonly closed: Promise<void>;
  id: string;
  zone: string | undefined;
  weight: number;
  fullWeight: number;
  readonly failures = new Failures();
  readonly outlier: OutlierRecord | undefined;
  readonly breaker: Breaker | undefined;
  /** What its probes say, where it is probed. */
  probed: ProbeRecord | undefined;
  /** A connection to it could not be opened a moment ago, and since when. */
  unreachable = false;
  unreachableAt = 0;
  /** Nobody listened there: whoever does so again is not the one that failed. */
  died = false;
  /** It took part when the table was laid last. */
  wasIn = false;
  /** Since when it takes part, if it is not yet to get its full share. */
  warmSince: number | undefined;
  /** The part of its share that it gets, as of the last time the table was laid. */
  warmth = 1;
  /** What is asked of it regularly while it stays; closed with it. */
  readonly rounds: { probe?: { close(): void } | undefined; knock?: { close(): void } | undefined } = {};
  readonly #house: House;
  readonly #latency = new Latency();
  #inFlight = 0;
  #retired = false;
  #closing = false;
  readonly #settle: () => void;

  constructor({ id, origin, weight, zone }: Endpoint, dispatcher: Dispatcher, house: House) {
    this.id = id;
    this.origin = origin;
    this.zone = zone;
    this.weight = weight;
    this.fullWeight = weight;
    this.dispatcher = dispatcher;
    this.#house = house;
    const { outlier, breaker } = house.rules;
    this.outlier = outlier && new OutlierRecord(outlier);
    this.breaker = breaker && new Breaker(breaker);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#settle = resolve;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get latency(): number {
    return this.#latency.at(this.#house.now());
  }

  get healthy(): boolean {
    return !this.unreachable && this.outlier?.ejected !== true && this.probed?.healthy !== false;
  }

  get suspect(): boolean {
    return this.outlier?.suspect === true;
  }

  get barred(): boolean {
    return this.breaker !== undefined && this.breaker.state !== "closed";
  }

  begin(): void {
    this.#inFlight++;
    this.#house.inFlight++;
  }

  end(attempt: Attempt): void {
    this.#inFlight--;
    this.#house.inFlight--;
    if (this.#retired) {
      if (this.#inFlight === 0) this.#close();
      return;
    }
    const { startedAt, firstByteAt = startedAt, endedAt = firstByteAt, outcome, status = 0 } = attempt;
    const now = this.#house.now();
    const took = endedAt - startedAt;
    if (outcome === "aborted" || outcome === undefined || attempt.expired === "total" || wasTalkedInto(attempt)) {
      // It says nothing of the instance, but that somebody waited so long: a client that left, or a request whose time
      // was up after it had been elsewhere.
      if (attempt.firstByteAt === undefined) this.#latency.exceeded(took, now);
      this.breaker?.endedAnyhow(now - took);
    } else if (outcome !== "answered") this.#failed(outcome, took, now);
    else if (this.#house.rules.isFailing(status)) this.#failed(status, took, now);
    else {
      // How fast a failure came is no measure of speed: it would draw requests to whoever fails fastest.
      this.#latency.measured(firstByteAt - startedAt, now);
      this.#succeeded(now - took, now);
    }
  }

  /** A connection could not be opened; `refused` tells that nobody listens there. */
  missed(refused: boolean, now: number): void {
    if (!this.unreachable) this.unreachableAt = now;
    this.unreachable = true;
    if (refused) this.died = true;
  }

  /** A connection was opened. */
  found(now: number): void {
    this.unreachable = false;
    if (!this.died) return;
    this.died = false;
    this.outlier?.startAnew(now);
    this.breaker?.startAnew();
  }

  #succeeded(startedAt: number, now: number): void {
    let changed = this.breaker?.ended(true, startedAt, now) === true;
    const record = this.outlier;
    // Asked in a panic, and well again. What began before it went out proves nothing.
    if (this.unreachable && startedAt > this.unreachableAt) {
      this.found(now);
      changed = true;
    }
    if (record?.ejected && startedAt > record.ejectedAt) {
      record.comeBack(now);
      record.succeeded(now, now);
      changed = true;
    } else if (record?.succeeded(startedAt, now)) changed = true;
    if (changed) this.#house.changed();
  }

  #failed(kind: FailureKind, took: number, now: number): void {
    this.failures.add(kind, now);
    if (kind === "timeout") this.#latency.exceeded(took, now);
    if (this.breaker?.ended(false, now - took, now)) {
      this.#house.breaks++;
      this.#house.changed();
    }
    // A connection that cannot be opened is dealt with at once and otherwise: it is out until one can.
    if (kind === "refused" || this.unreachable) return;
    if (this.outlier?.failed(now - took, now)) this.#house.toEject(this);
  }

  /** Its connections are closing: it cannot come back. */
  get gone(): boolean {
    return this.#closing;
  }

  /** Takes over what discovery says now; also of one that was retired and has come back in time. */
  update({ id, weight, zone }: Endpoint): void {
    this.id = id;
    this.fullWeight = weight;
    this.zone = zone;
    this.#retired = false;
  }

  /** Nothing new is given to it; its connections close once the last exchange has ended. */
  retire(): void {
    this.#retired = true;
    this.wasIn = false;
    this.unreachable = this.died = false;
    this.rounds.probe?.close();
    this.rounds.knock?.close();
    this.rounds.probe = this.rounds.knock = undefined;
    if (this.#inFlight === 0) this.#close();
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    // A dispatcher that was destroyed already refuses to close: it is closed all the same.
    this.dispatcher.close().then(this.#settle, this.#settle);
  }
}

/**
 * A connection that an instance closed in the middle of an upload or of a tunnel, or an answer whose head is too long: what
 * it was sent there, a body too long or a frame that is none, or what it repeats in that head, is the client's choice, and
 * nobody is to eject an instance by choosing so.
 */
const wasTalkedInto = ({ outcome, status, uploading, longHead }: Attempt): boolean =>
  outcome === "reset" && (uploading === true || longHead === true || status === 101);
