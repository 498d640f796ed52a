import type { IncomingHttpHeaders } from "node:http";
import { GatewayError } from "@tandem/contracts/errors";
import type { Attempt as AttemptNote, AttemptOutcome } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import { endToEnd } from "@tandem/kernel/hygiene/response-headers";
import type { Dispatcher } from "undici";
import type { Instance } from "../pool/instance.ts";
import { OriginPool, steadyName } from "./dispatcher.ts";
import { isBrokenConnection, isOurMistake, outcomeOf, problemOf } from "./failure.ts";
import { headOf, targetOf } from "./head.ts";
import type { Waiting } from "./deadlines.ts";
import type { Hop } from "./hop.ts";
import { noteAttempt } from "./note-attempt.ts";
import { refusalOf } from "./refusal.ts";
import { decideResend } from "./resend.ts";

/** undici reads one option more than it declares. */
type Options = Dispatcher.DispatchOptions & { readonly servername: string };

/** Nothing was wrong with the hop: nobody waits for the answer any more. */
const abandoned = new Error("nobody waits for the answer");

/** One sending of a request to one instance: the handler that undici calls, and all that is kept per attempt. */
export class Attempt implements Dispatcher.DispatchHandler, Waiting {
  deadline = 0;
  place = -1;
  readonly #exchange: Exchange;
  readonly #hop: Hop;
  readonly #instance: Instance;
  /** The instances of earlier attempts. */
  readonly #tried: readonly Instance[];
  readonly #note: AttemptNote;
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

  constructor(exchange: Exchange, hop: Hop, { instance, tried }: { instance: Instance; tried: readonly Instance[] }) {
    this.#exchange = exchange;
    this.#hop = hop;
    this.#instance = instance;
    this.#tried = tried;
    this.#uploading = exchange.request.body !== undefined;
    this.#note = noteAttempt(exchange, hop, instance);
  }

  start(): void {
    const { request } = this.#exchange;
    this.#instance.begin();
    this.#exchange.onLeave(() => this.#leave());
    this.#wait(this.#hop.timeouts.firstByte);
    this.#hop.deadlines.add(this);
    const options: Options = {
      path: targetOf(this.#exchange),
      method: request.method,
      headers: headOf(this.#exchange, this.#note.spanId),
      body: request.content ?? request.body ?? null,
      servername: steadyName,
    };
    this.#instance.dispatcher.dispatch(options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#exchange.reply.gone) this.#leave();
    // The request waited in undici's queue until nobody waited for it. Sent on, it would wait for a drain that never comes, and hold its connection for ever.
    if (this.#over) return controller.abort(abandoned);
    this.#controller = controller;
    const { dispatcher } = this.#instance;
    this.#fresh = dispatcher instanceof OriginPool && dispatcher.opening;
  }

  onBodySent(chunk: Uint8Array): void {
    this.#uploaded += chunk.length;
    this.#exchange.record.bytesIn += chunk.length;
  }

  onRequestSent(): void {
    if (!this.#uploading || this.#over) return;
    this.#uploading = false;
    // The answer may have come before the end of the question.
    if (this.#note.status !== undefined) return;
    // HTTP/2 ends the body of a request that was broken off, and an upload that lacks its end must not pass for a whole one.
    if (this.#exchange.reply.gone || this.#exchange.reply.started) return this.#leave();
    this.#wait(this.#hop.timeouts.firstByte);
  }

  onResponseStarted(): void {
    this.#answering = true;
    this.#note.firstByteAt ??= this.#exchange.record.now();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, answered: IncomingHttpHeaders): void {
    // Interim answers (100, 103) are not passed on.
    if (status < 200) return;
    this.#wait(this.#hop.timeouts.idle);
    this.#note.status = status;
    const refusal = status === 401 ? refusalOf(this.#hop, answered["www-authenticate"]) : undefined;
    if (refusal) return this.#refused(refusal);
    const { record, reply } = this.#exchange;
    reply.start(status, endToEnd(listOf(answered)));
    record.firstByteAt ??= record.now();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    // What a refusal says beyond its head; its connection is good for the next request.
    if (this.#over) return;
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

  onResponseEnd(): void {
    if (this.#over) return;
    this.#end("answered");
    this.#exchange.reply.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#over) return;
    const exchange = this.#exchange;
    const sent = this.#controller !== undefined;
    if (isOurMistake(error)) {
      this.#end("aborted");
      return exchange.fail(error);
    }
    if (error === exchange.request.body?.errored) {
      this.#end("aborted");
      // A stage that reads along may have broken the body off with a problem of its own.
      return exchange.fail(
        error instanceof GatewayError ? error : new GatewayError("request.aborted", { cause: error }),
      );
    }
    const outcome = outcomeOf(error, sent);
    this.#end(outcome);
    const next = this.#nextAfter(error, sent);
    if (next) new Attempt(exchange, this.#hop, { instance: next, tried: [...this.#tried, this.#instance] }).start();
    else exchange.fail(problemOf(outcome, this.#hop.codes, error));
  }

  /** Nothing was heard in time. */
  giveUp(): void {
    if (this.#isExcused()) return;
    this.#end("timeout");
    this.#controller?.abort(abandoned);
    this.#exchange.fail(problemOf("timeout", this.#hop.codes, new Error("no answer in time")));
  }

  /** The time was spent on a client that is slow to read, on an upload that goes on, or on one whose client is slow to send. */
  #isExcused(): boolean {
    const { firstByte, idle } = this.#hop.timeouts;
    if (this.#paused) this.#wait(idle);
    if (this.#note.status !== undefined) return this.#paused;
    const body = this.#exchange.request.body;
    const moving = this.#uploaded !== this.#uploadedBefore || !body?.isPaused();
    if (!this.#controller || !this.#uploading || !moving) return false;
    this.#uploadedBefore = this.#uploaded;
    this.#wait(firstByte);
    return true;
  }

  #wait(ms: number): void {
    this.deadline = performance.now() + ms;
  }

  #refused(refusal: GatewayError): void {
    this.#end("answered");
    if (this.#uploading) this.#controller?.abort(abandoned);
    this.#exchange.fail(refusal);
  }

  #leave(): void {
    if (this.#over) return;
    this.#end("aborted");
    this.#controller?.abort(abandoned);
  }

  #end(outcome: AttemptOutcome): void {
    this.#over = true;
    this.#hop.deadlines.delete(this);
    this.#note.outcome = outcome;
    this.#note.endedAt = this.#exchange.record.now();
    this.#instance.end(this.#note);
  }

  #nextAfter(error: Error, sent: boolean): Instance | undefined {
    const { request } = this.#exchange;
    const verdict = decideResend({
      sent,
      answering: this.#answering,
      fresh: this.#fresh,
      reset: isBrokenConnection(error),
      method: request.method,
      body: request.body !== undefined,
      second: this.#tried.length > 0,
    });
    if (verdict === "never") return undefined;
    const other = this.#hop.pool.pick(this.#exchange, [...this.#tried, this.#instance]);
    if (typeof other !== "string") return other;
    return verdict === "anywhere" ? this.#instance : undefined;
  }
}

/** undici has decoded the headers already; its raw list would have to be decoded once more. */
function listOf(headers: IncomingHttpHeaders): string[] {
  const list: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") list.push(name, value);
    else if (value) for (const one of value) list.push(name, one);
  }
  return list;
}
