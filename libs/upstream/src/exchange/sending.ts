import type { IncomingHttpHeaders } from "node:http";
import type { Attempt as AttemptNote, Withheld } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import { holdBody } from "@tandem/kernel/hold-body";
import { decideSampling, followSampling } from "@tandem/kernel/sampling";
import type { Instance } from "../pool/instance.ts";
import { Attempt } from "./attempt.ts";
import type { Conductor, Failure, Try } from "./conductor.ts";
import type { Waiting } from "./deadlines.ts";
import { decideRetry, type TryFailure } from "./decide-retry.ts";
import { problemOf, timeoutOf, tooLate } from "./failure.ts";
import type { Hop } from "./hop.ts";
import { pauseAfter, retryAfterOf } from "./retry-delay.ts";

/** What follows a try that failed: another one after a pause, why there is none, or nothing. */
type Next = { readonly instance: Instance; readonly pause: number } | Withheld | undefined;

const none: readonly Instance[] = [];
const answeredWith = { sent: true, answering: true, fresh: false, broken: false };

/** One request on its way to a hop: the one loop in which it is tried, hedged and tried again, until its client is told something. */
export class Sending implements Conductor, Waiting {
  /** When the hedge is due; while a body is being held, when the whole is. */
  deadline = Infinity;
  place = -1;
  readonly exchange: Exchange;
  readonly hop: Hop;
  readonly limit: number;
  #tries = 0;
  /** Whom a further try leaves out, if there is anybody else. */
  #tried = none;
  #current: Try | undefined;
  /** Beside the current one: the hedge. */
  #rival: Try | undefined;
  #pause: NodeJS.Timeout | undefined;
  /** An answer is being passed on, or nobody waits for one: nothing is tried any more. */
  #settled = false;

  constructor(exchange: Exchange, hop: Hop) {
    this.exchange = exchange;
    this.hop = hop;
    const { total } = hop.timeouts;
    this.limit = total === Infinity ? Infinity : performance.now() - exchange.record.now() + total;
  }

  /** Reads a body that may have to be sent twice, if there is room for it; the time for the whole runs meanwhile. */
  async hold(): Promise<void> {
    const { exchange, hop } = this;
    this.deadline = this.limit;
    hop.deadlines.add(this);
    try {
      await holdBody(exchange.request, hop.retry.bodyLimit);
    } finally {
      hop.deadlines.delete(this);
    }
  }

  /** Begins with an instance that was chosen. */
  start(instance: Instance): void {
    const { exchange, hop } = this;
    const now = performance.now();
    hop.budget?.count(now);
    exchange.onLeave(() => this.leave());
    if (this.#settled) return;
    const attempt = this.#made(instance);
    this.#current = attempt;
    attempt.start(now);
    if (hop.hedgeAfter === Infinity || this.#tries > 1 || this.#settled || !isPlainRead(exchange)) return;
    this.deadline = now + hop.hedgeAfter;
    hop.deadlines.add(this);
  }

  giveUp(): void {
    this.hop.deadlines.delete(this);
    if (this.#tries === 0) this.fail(timeoutOf("total", this.hop.codes, tooLate("total")));
    else this.#hedge();
  }

  takes(one: Try, status: number, headers: IncomingHttpHeaders): boolean {
    // Who is sick fails fastest: while two are asked, no failure counts as the first answer.
    const isFailure = status >= 400 && (this.hop.retry.on.has(status) || (this.#rival !== undefined && status >= 500));
    if (isFailure && this.#isRefused(one, status, headers)) return false;
    this.#settled = true;
    this.hop.deadlines.delete(this);
    if (this.#rival) (one === this.#rival ? this.#current : this.#rival)?.abort();
    if (this.hop.vouched) followSampling(this.exchange, headers["traceresponse"]);
    return true;
  }

  failed(one: Try, failure: Failure): void {
    const { outcome, expired, error } = failure;
    if (!this.#settled && expired !== "total" && (this.#isLeftTo(one) || this.#isFollowed(one, failure))) return;
    const { codes } = this.hop;
    this.fail(expired === undefined ? problemOf(outcome, codes, error) : timeoutOf(expired, codes, error));
  }

  fail(error: unknown): void {
    this.leave();
    this.exchange.fail(error);
  }

  leave(): void {
    this.#settled = true;
    clearTimeout(this.#pause);
    this.hop.deadlines.delete(this);
    this.#current?.abort();
    this.#rival?.abort();
  }

  /** An answer that another try may better: then its connection is all that is kept of it. */
  #isRefused(one: Try, status: number, headers: IncomingHttpHeaders): boolean {
    if (this.#isLeftTo(one)) {
      one.discard();
      return true;
    }
    const next = this.#next(
      one,
      { ...answeredWith, trouble: status },
      retryAfterOf(headers["retry-after"], Date.now()),
    );
    if (typeof next !== "object") return this.#isWithheld(one, next);
    one.discard();
    this.#follow(next);
    return true;
  }

  /** The other try goes on, so that nothing is lost yet. */
  #isLeftTo(one: Try): boolean {
    if (!this.#rival) return false;
    if (one === this.#current) this.#current = this.#rival;
    this.#rival = undefined;
    return true;
  }

  #isFollowed(one: Try, failure: Failure): boolean {
    const next = this.#next(one, failure);
    if (typeof next !== "object") return this.#isWithheld(one, next);
    this.#follow(next);
    return true;
  }

  #isWithheld({ note }: Try, why: Withheld | undefined): false {
    if (why !== undefined) note.withheld = why;
    return false;
  }

  /** `asked` is the pause that the answer itself asks for. */
  #next({ instance }: Try, failed: TryFailure, asked = 0): Next {
    const { exchange, hop } = this;
    const { method, body } = exchange.request;
    const facts = { ...failed, method, streamed: body !== undefined, tries: this.#tries };
    const again = decideRetry(facts, hop.retry);
    if (again === "never" || exchange.over) return undefined;
    const { backOff } = hop.retry;
    if (asked > backOff.most) return "retry-after";
    // Where it was the connection that failed, another one may serve at once.
    const atOnce = this.#tries === 1 && (again === "anywhere" || failed.trouble === "connect");
    const pause = atOnce ? 0 : Math.max(asked, pauseAfter(this.#tries, backOff, hop.random));
    const now = performance.now();
    if (now + pause >= this.limit) return "deadline";
    if (hop.budget?.allows(now) === false) return "budget";
    const before = this.#tried;
    this.#tried = [...before, instance];
    let picked = hop.pool.pick(exchange, this.#tried);
    // With nobody else there, the same one serves as well: the pool says whether it may be asked.
    if (picked === "no-instance" && again === "anywhere")
      picked = hop.pool.pick(
        exchange,
        before.filter((one) => one !== instance),
      );
    if (typeof picked === "string") return picked;
    hop.budget?.spend(now);
    return { instance: picked, pause };
  }

  #follow({ instance, pause }: Exclude<Next, string | undefined>): void {
    this.hop.deadlines.delete(this);
    if (pause === 0) return this.#again(instance);
    this.#pause = setTimeout(() => {
      if (!this.#settled && !this.exchange.over) this.#again(instance);
    }, pause);
  }

  #again(instance: Instance): void {
    // What had to be asked twice is worth its trace, from here on also to the service.
    decideSampling(this.exchange, true);
    const attempt = this.#made(instance, "retry");
    this.#current = attempt;
    attempt.start(performance.now());
  }

  /** Asks somebody else too, and lets the first head count. */
  #hedge(): void {
    const { exchange, hop } = this;
    const first = this.#current;
    if (!first || first.note.firstByteAt !== undefined) return;
    const now = performance.now();
    if (hop.budget?.allows(now) === false) return void this.#isWithheld(first, "budget");
    const other = hop.pool.spare(exchange, [first.instance]);
    if (!other) return;
    hop.budget?.spend(now);
    this.#tried = [first.instance, other];
    const attempt = this.#made(other, "hedge");
    this.#rival = attempt;
    attempt.start(now);
  }

  #made(instance: Instance, reason?: AttemptNote["reason"]): Attempt {
    this.#tries++;
    const attempt = new Attempt(this, instance);
    if (reason) attempt.note.reason = reason;
    return attempt;
  }
}

/** Only reading twice is the same as reading once, whatever the service takes for idempotent. */
const isPlainRead = ({ request: { method, body, content } }: Exchange): boolean =>
  (method === "GET" || method === "HEAD") && body === undefined && content === undefined;
