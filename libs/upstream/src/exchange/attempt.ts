import type { IncomingHttpHeaders } from "node:http";
import { GatewayError } from "@tandem/contracts/errors";
import type { Attempt as AttemptNote, AttemptOutcome, Expired } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Dispatcher } from "undici";
import type { Instance } from "../pool/instance.ts";
import type { Waiting } from "./deadlines.ts";
import { steadyName } from "../connections/dispatcher.ts";
import type { Conductor, Try } from "./conductor.ts";
import { isBrokenConnection, isLongHead, isOurMistake, outcomeOf, tooLate, type FailedOutcome } from "./failure.ts";
import { headOf, targetOf } from "./head.ts";
import { headersOf, trailersOf } from "./answer-headers.ts";
import type { Hop } from "./hop.ts";
import { noteAttempt } from "./note-attempt.ts";
import { OriginPool } from "../connections/origin-pool.ts";
import { refusalOf } from "./refusal.ts";

/** undici reads one option more than it declares. */
type Options = Dispatcher.DispatchOptions & { readonly servername: string };

/** Nothing was wrong with the hop: nobody waits for the answer any more. */
const abandoned = new Error("nobody waits for the answer");
/** What is read of an answer that nobody wants, so that its connection can be used again: bytes, and milliseconds. */
const drained = { most: 64 * 1024, within: 1_000 };

/** One sending of a request to one instance: the handler that undici calls, and all that is kept per attempt. */
export class Attempt implements Dispatcher.DispatchHandler, Try, Waiting {
  deadline = 0;
  place = -1;
  readonly instance: Instance;
  readonly note: AttemptNote;
  readonly #conductor: Conductor;
  readonly #exchange: Exchange;
  readonly #hop: Hop;
  /** No sign of life puts it off any further. */
  #limit = Number.POSITIVE_INFINITY;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #fresh = false;
  #answering = false;
  #awaitsDrain = false;
  /** The client is slow to read, so the silence is ours. */
  #paused = false;
  /** Bytes of the body sent, and how many there were when the deadline last passed. */
  #uploaded = 0;
  #uploadedBefore = 0;
  #uploading: boolean;
  /** Bytes of an answer that nobody wants. */
  #surplus = 0;

  constructor(conductor: Conductor, instance: Instance) {
    this.#conductor = conductor;
    this.#exchange = conductor.exchange;
    this.#hop = conductor.hop;
    this.instance = instance;
    this.#uploading = this.#exchange.request.body !== undefined;
    this.note = noteAttempt(this.#exchange, this.#hop, instance);
  }

  start(now: number): void {
    const { request } = this.#exchange;
    const { timeouts, deadlines } = this.#hop;
    this.instance.begin();
    this.#limit = Math.min(this.#conductor.limit, now + timeouts.try);
    this.deadline = Math.min(this.#limit, now + timeouts.firstByte);
    deadlines.add(this);
    const options: Options = {
      path: targetOf(this.#exchange),
      method: request.method,
      headers: headOf(this.#exchange, this.note.spanId, this.#limit - now),
      body: request.content ?? request.body ?? null,
      servername: steadyName,
    };
    this.instance.dispatcher.dispatch(options, this);
  }

  /** Another answer came first, or nobody waits for one. */
  abort(): void {
    if (this.#over) return;
    this.#end("aborted");
    this.#controller?.abort(abandoned);
  }

  /** Its answer is not wanted, but its connection may be good for the next request. */
  discard(): void {
    this.#end("answered");
    if (this.#uploading) return this.#controller?.abort(abandoned);
    this.deadline = performance.now() + drained.within;
    this.#hop.deadlines.add(this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#exchange.reply.gone) this.#conductor.leave();
    // The request waited in undici's queue until nobody waited for it. Sent on, it would wait for a drain that never comes, and hold its connection for ever.
    if (this.#over) return controller.abort(abandoned);
    this.#controller = controller;
    const { dispatcher } = this.instance;
    this.#fresh = dispatcher instanceof OriginPool && dispatcher.opening;
  }

  onBodySent(chunk: Uint8Array): void {
    const { record } = this.#exchange;
    this.#uploaded += chunk.length;
    // A body that is sent twice was received once.
    if (this.#uploaded > record.bytesIn) record.bytesIn = this.#uploaded;
  }

  onRequestSent(): void {
    if (!this.#uploading || this.#over) return;
    this.#uploading = false;
    // The answer may have come before the end of the question.
    if (this.note.status !== undefined) return;
    // HTTP/2 ends the body of a request that was broken off, and an upload that lacks its end must not pass for a whole one.
    if (this.#exchange.reply.gone || this.#exchange.reply.started) return this.#conductor.leave();
    this.#wait(this.#hop.timeouts.firstByte);
  }

  onResponseStarted(): void {
    this.#answering = true;
    this.note.firstByteAt ??= this.#exchange.record.now();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, answered: IncomingHttpHeaders): void {
    // Interim answers (100, 103) are not passed on.
    if (status < 200 || this.#over) return;
    this.#wait(this.#hop.timeouts.idle);
    this.note.status = status;
    const refusal = status === 401 ? refusalOf(this.#hop, answered["www-authenticate"]) : undefined;
    if (refusal) {
      this.discard();
      return this.#conductor.fail(refusal);
    }
    // Before anybody relies on this answer: it may make no sense.
    const headers = headersOf(answered, { request: this.#exchange.request, status });
    if (!this.#conductor.takes(this, status, answered)) return;
    const { record, reply } = this.#exchange;
    this.#hop.sessions?.answered(this.#exchange, this.instance);
    reply.start(status, headers);
    record.firstByteAt ??= record.now();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#over) {
      this.#surplus += chunk.length;
      if (this.#surplus > drained.most) this.#stopDraining();
      return;
    }
    const { reply } = this.#exchange;
    this.#wait(this.#hop.timeouts.idle);
    if (reply.write(chunk)) return;
    this.#paused = true;
    controller.pause();
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    reply.onDrain(() => {
      this.#paused = false;
      this.#wait(this.#hop.timeouts.idle);
      controller.resume();
    });
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#over) return this.#hop.deadlines.delete(this);
    this.#end("answered");
    this.#exchange.reply.end(trailersOf(trailers));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#over) return this.#hop.deadlines.delete(this);
    if (isOurMistake(error)) {
      this.#end("aborted");
      return this.#conductor.fail(error);
    }
    if (error === this.#exchange.request.body?.errored) {
      this.#end("aborted");
      // A stage that reads along may have broken the body off with a problem of its own.
      return this.#conductor.fail(
        error instanceof GatewayError ? error : new GatewayError("request.aborted", { cause: error }),
      );
    }
    const outcome = outcomeOf(error, this.#controller !== undefined);
    const expired = outcome === "timeout" ? (this.#controller ? "first-byte" : "connect") : undefined;
    this.#failed(outcome, error, expired);
  }

  /** Nothing was heard in time, or the time is over whatever was heard. */
  giveUp(): void {
    if (this.#over) return this.#stopDraining();
    const expired = this.#expired();
    if (expired === undefined) return;
    this.#failed("timeout", tooLate(expired), expired);
  }

  #stopDraining(): void {
    this.#hop.deadlines.delete(this);
    this.#controller?.abort(abandoned);
  }

  #expired(): Expired | undefined {
    const now = performance.now();
    if (now >= this.#limit) return this.#limit === this.#conductor.limit ? "total" : "try";
    if (this.#isExcused()) return undefined;
    return this.note.status === undefined ? "first-byte" : "idle";
  }

  /** The time was spent on a client that is slow to read, on an upload that goes on, or on one whose client is slow to send. */
  #isExcused(): boolean {
    const { firstByte, idle } = this.#hop.timeouts;
    if (this.#paused) this.#wait(idle);
    if (this.note.status !== undefined) return this.#paused;
    const body = this.#exchange.request.body;
    const moving = this.#uploaded !== this.#uploadedBefore || !body?.isPaused();
    if (!this.#controller || !this.#uploading || !moving) return false;
    this.#uploadedBefore = this.#uploaded;
    this.#wait(firstByte);
    return true;
  }

  #wait(ms: number): void {
    this.deadline = Math.min(this.#limit, performance.now() + ms);
  }

  #failed(outcome: FailedOutcome, error: Error, expired?: Expired): void {
    if (expired !== undefined) this.note.expired = expired;
    if (outcome === "reset" && this.#uploading) this.note.uploading = true;
    if (isLongHead(error)) this.note.longHead = true;
    this.#end(outcome);
    if (expired !== undefined) this.#controller?.abort(abandoned);
    const sent = this.#controller !== undefined;
    this.#conductor.failed(this, {
      outcome,
      error,
      expired,
      trouble: expired !== undefined && expired !== "connect" ? "timeout" : sent ? "reset" : "connect",
      sent,
      answering: this.#answering,
      fresh: this.#fresh,
      broken: isBrokenConnection(error),
    });
  }

  #end(outcome: AttemptOutcome): void {
    this.#over = true;
    this.#hop.deadlines.delete(this);
    this.note.outcome = outcome;
    this.note.endedAt = this.#exchange.record.now();
    this.instance.end(this.note);
  }
}
