import type { Exchange } from "@tandem/kernel/exchange";
import type { Reservation } from "@tandem/kernel/held-bytes";
import type { Hop } from "../exchange/hop.ts";
import { certainlyNotActedOn } from "../exchange/retry-policy.ts";
import { send } from "../exchange/send.ts";
import { hopFor, type Hops } from "../proxy/hops.ts";
import type { MirrorOptions } from "./config.ts";
import { copyOf } from "./copy-of.ts";
import { UnreadReply } from "./unread-reply.ts";

/** What became of the requests that were to be copied. */
export interface MirrorCounts {
  readonly inFlight: number;
  readonly sent: number;
  /** Answered to the end, with whatever status. */
  readonly answered: number;
  /** Without an instance, broken off, or not over in time. */
  readonly failed: number;
  /** Not sent, because as many as may be were under way, or no room was left to hold the body. */
  readonly dropped: number;
  /** Not sent, because the body was too long, or of a length that nobody knew. */
  readonly unheld: number;
}

interface MirrorParts {
  readonly options: MirrorOptions;
  /** The one that its service is reached by. */
  readonly hop: Hop;
  /** All of them: what the route's own service is not told, the mirror is not told either. */
  readonly hops: Hops;
  readonly random: () => number;
}

/** Sends copies of the requests of one route; nothing that becomes of them gets back to whoever asked for them. */
export class Mirror {
  readonly options: MirrorOptions;
  readonly #hop: Hop;
  readonly #hops: Hops;
  readonly #random: () => number;
  readonly #underWay: Copy[] = [];
  #sent = 0;
  #answered = 0;
  #failed = 0;
  #dropped = 0;
  #unheld = 0;

  constructor({ options, hop, hops, random }: MirrorParts) {
    this.options = options;
    // A copy is not worth a second try, and takes nothing of what is there for those of others.
    this.#hop = { ...hop, retry: certainlyNotActedOn, hedgeAfter: Infinity, budget: undefined };
    this.#hops = hops;
    this.#random = random;
  }

  get counts(): MirrorCounts {
    return {
      inFlight: this.#underWay.length,
      sent: this.#sent,
      answered: this.#answered,
      failed: this.#failed,
      dropped: this.#dropped,
      unheld: this.#unheld,
    };
  }

  /** Draws whether the next request is copied, if there is room for it. */
  draw(): boolean {
    if (this.#random() * 100 >= this.options.percent) return false;
    if (this.#underWay.length < this.options.most) return true;
    this.#dropped++;
    return false;
  }

  /** Notes that a request was drawn and found no room for its body. */
  drop(): void {
    this.#dropped++;
  }

  /** Notes that a request was drawn and has a body that cannot be copied. */
  passOver(): void {
    this.#unheld++;
  }

  /** Sends a copy of the request as it is now. */
  copy(exchange: Exchange): void {
    // While this body was read, others may have taken the last places.
    if (this.#underWay.length >= this.options.most) {
      this.#dropped++;
      return;
    }
    this.#sent++;
    hopFor(exchange, this.#hops)?.sessions?.keepBack(exchange);
    const copy = new Copy(exchange, this.options.timeout, (done, answered) => this.#conclude(done, answered));
    copy.place = this.#underWay.push(copy) - 1;
    void copy.send(this.#hop);
  }

  /** Breaks off whatever is under way. */
  close(): void {
    while (this.#underWay.length > 0) this.#underWay.at(-1)!.giveUp();
  }

  #conclude(copy: Copy, answered: boolean): void {
    if (answered) this.#answered++;
    else this.#failed++;
    const last = this.#underWay.pop()!;
    if (last === copy) return;
    this.#underWay[copy.place] = last;
    last.place = copy.place;
  }
}

/** One copy on its way. */
class Copy {
  /** Its place among those under way, kept by its mirror. */
  place = -1;
  readonly #exchange: Exchange;
  readonly #reply: UnreadReply;
  /** That of the body, which both have in common: the copy may last longer. */
  readonly #room: Reservation | undefined;
  readonly #late: NodeJS.Timeout;
  readonly #onEnd: (copy: Copy, answered: boolean) => void;
  #over = false;

  constructor(original: Exchange, timeout: number, onEnd: (copy: Copy, answered: boolean) => void) {
    this.#onEnd = onEnd;
    this.#room = original.request.room;
    this.#room?.keep();
    this.#reply = new UnreadReply((whole) => this.#end(whole));
    this.#exchange = copyOf(original, { reply: this.#reply, fail: () => this.#reply.destroy() });
    this.#late = setTimeout(() => this.giveUp(), timeout).unref();
  }

  async send(hop: Hop): Promise<void> {
    const { trace } = this.#exchange.record;
    // No span is written of a copy: what its service does hangs from the span of the request that was copied.
    const ids = trace ? { spanId: () => trace.spanId } : hop.ids;
    try {
      await send(this.#exchange, { ...hop, ids });
    } catch (error) {
      this.#exchange.fail(error);
    }
  }

  /** To whoever answers the copy it looks as if the client had left. */
  giveUp(): void {
    this.#reply.destroy();
    this.#exchange.left();
  }

  #end(whole: boolean): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#late);
    this.#room?.release();
    this.#onEnd(this, whole);
  }
}
