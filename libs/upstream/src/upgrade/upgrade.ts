import { Agent, type ClientRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Attempt, AttemptOutcome } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import { endToEnd } from "@tandem/kernel/hygiene/response-headers";
import { onRetire } from "@tandem/kernel/listener/retire";
import type { TunnelEnd } from "@tandem/kernel/record";
import { decideSampling, followSampling } from "@tandem/kernel/sampling";
import { outcomeOf, problemOf } from "../exchange/failure.ts";
import type { Hop } from "../exchange/hop.ts";
import { noteAttempt } from "../exchange/note-attempt.ts";
import { refusalOf } from "../exchange/refusal.ts";
import type { Instance } from "../pool/instance.ts";
import { handshakeHeaders, switchingHeaders } from "./handshake.ts";
import { openConnection, untilOpen } from "./open-connection.ts";
import { passAnswer } from "./plain-answer.ts";
import { secondTry } from "./second-try.ts";
import { Tunnel } from "./tunnel.ts";

/** An agent whose only connection is open already, so that its failures are dealt with before the handshake begins. */
class OpenedConnection extends Agent {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ keepAlive: false });
    this.#socket = socket;
  }

  override createConnection(): Socket {
    return this.#socket;
  }
}

/** Where a handshake goes. */
export interface Connected {
  readonly agent: Agent;
  readonly headers: ReturnType<typeof handshakeHeaders>;
  /** Always `http:`, because TLS is the agent's. */
  readonly target: string;
}

/** One upgrade on its way: connecting, asking, then a tunnel until either side closes. */
export class Upgrade {
  readonly #exchange: Exchange;
  readonly #hop: Hop;
  readonly #client: Socket;
  /** What the listener allows; httpxy takes it off the client's connection. */
  readonly #idle: number;
  #instance: Instance;
  #note: Attempt;
  #connection: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asked = false;
  #over = false;
  #tunnel: Tunnel | undefined;
  #retiring = false;

  constructor(exchange: Exchange, hop: Hop, { client, instance }: { client: Socket; instance: Instance }) {
    this.#exchange = exchange;
    this.#hop = hop;
    this.#client = client;
    this.#idle = client.timeout ?? 0;
    this.#instance = instance;
    this.#note = this.#begin();
    exchange.onLeave(() => this.#leave());
    onRetire(client, () => this.#retire());
    // Node takes its own listener away with the upgrade; the end of the connection is what counts.
    client.on("error", () => {});
    // The connection stays half open when the client closes its side, and nobody upgrades half a connection.
    client.once("end", this.#hangUp);
  }

  /** Opens the connection, to another instance if the first does not take it and the service is retried: nothing has been asked of it yet. */
  async connect(): Promise<Connected> {
    this.#hop.budget?.count(performance.now());
    try {
      return await this.#open();
    } catch (error) {
      if (this.#over) throw error;
      this.#hop.pool.avoid(this.#instance);
      this.#endAttempt(outcomeOf(asError(error), false));
      const other = secondTry(this.#exchange, this.#hop, this.#instance);
      if (typeof other !== "object") {
        if (other) this.#note.withheld = other;
        throw error;
      }
      this.#instance = other;
      this.#note = this.#begin();
      this.#note.reason = "retry";
      decideSampling(this.#exchange, true);
      return this.#open();
    }
  }

  /** The handshake is about to be sent: from here on its answer decides. */
  ask(question: ClientRequest): void {
    this.#asked = true;
    this.#client.setTimeout(this.#idle);
    const late = (): void =>
      this.fail(Object.assign(new Error("no answer to the handshake in time"), { code: "ETIMEDOUT" }));
    this.#timer = setTimeout(late, this.#hop.timeouts.firstByte);
    // httpxy, which listens as soon as this returns, would pass an ordinary answer on past the reply and what stages added to it.
    queueMicrotask(() =>
      question.removeAllListeners("response").once("response", (answer) => this.#guard(() => this.#refuse(answer))),
    );
    question.once("upgrade", (answer: IncomingMessage, upstream: Socket) =>
      this.#guard(() => this.#join(answer, upstream)),
    );
    question.once("close", () => clearTimeout(this.#timer));
  }

  /** Anything that went wrong on either side; once there is a tunnel, it can only be closed. */
  fail(error: unknown): void {
    const known = asError(error);
    if (this.#tunnel) {
      // It is on its way out already, and the client has its close frame.
      if (this.#tunnel.leaving) return;
      this.#exchange.record.cause ??= known;
      this.#client.destroy();
      return;
    }
    if (this.#over) return;
    if (this.#exchange.reply.gone) return this.#leave();
    const outcome = outcomeOf(known, this.#asked);
    this.#end(outcome);
    this.#connection?.destroy();
    this.#exchange.fail(problemOf(outcome, this.#hop.codes, known));
  }

  async #open(): Promise<Connected> {
    const { origin } = this.#instance;
    const socket = openConnection(origin, this.#hop.tls);
    this.#connection = socket;
    await untilOpen(socket, this.#hop.timeouts.connect);
    return {
      agent: new OpenedConnection(socket),
      headers: handshakeHeaders(this.#exchange, this.#note.spanId),
      target: origin.replace(/^https:/, "http:"),
    };
  }

  #begin(): Attempt {
    this.#instance.begin();
    return noteAttempt(this.#exchange, this.#hop, this.#instance);
  }

  /** Whatever a service answers that makes no sense is its failure: thrown out of an event, it would end the process. */
  #guard(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.fail(error);
    }
  }

  #refuse(answer: IncomingMessage): void {
    if (this.#over) return void answer.destroy();
    // Node takes a 101 that lacks `Upgrade`, or does not say so in `Connection`, for an ordinary answer.
    if (answer.statusCode === 101) return this.fail(new Error("the answer switches without saying to what"));
    clearTimeout(this.#timer);
    const headers = endToEnd(answer.rawHeaders, answer.statusCode);
    this.#note.status = answer.statusCode ?? 0;
    this.#note.firstByteAt = this.#exchange.record.now();
    const refusal = answer.statusCode === 401 && refusalOf(this.#hop, answer.headers["www-authenticate"]);
    if (refusal) {
      answer.destroy();
      this.#end("answered");
      return this.#exchange.fail(refusal);
    }
    this.#client.prependOnceListener("close", () => this.#leave());
    this.#follow(answer);
    this.#hop.sessions?.answered(this.#exchange, this.#instance);
    passAnswer({ answer, headers }, this.#exchange.reply, (error) => {
      if (error) this.fail(error);
      else this.#end("answered");
    });
  }

  #join(answer: IncomingMessage, upstream: Socket): void {
    if (this.#over) return void upstream.destroy();
    if (answer.statusCode !== 101 || answer.headers.upgrade?.toLowerCase() !== "websocket") {
      return this.fail(new Error("the answer switches to something that nobody asked for"));
    }
    const headers = endToEnd(answer.rawHeaders);
    const { record, reply } = this.#exchange;
    clearTimeout(this.#timer);
    this.#client.off("end", this.#hangUp);
    this.#note.status = 101;
    this.#note.firstByteAt = record.firstByteAt = record.now();
    record.status = 101;
    this.#follow(answer);
    this.#hop.sessions?.answered(this.#exchange, this.#instance);
    answer.headers = switchingHeaders(headers, reply);
    // httpxy lays its pipes as soon as this returns, and bytes flow a tick later: a listener now would take the first ones away from them.
    process.nextTick(() => this.#openTunnel(upstream));
    // Before the gateway concludes the exchange, which it does when the client's connection has closed.
    this.#client.prependOnceListener("close", () => {
      record.bytesIn = upstream.bytesWritten;
      record.bytesOut = upstream.bytesRead;
      this.#end(upstream.errored ? "reset" : "answered");
    });
  }

  #follow({ headers }: IncomingMessage): void {
    if (this.#hop.vouched) followSampling(this.#exchange, headers["traceresponse"]);
  }

  #openTunnel(service: Socket): void {
    // From here on it is for the tunnel to say what is too silent.
    this.#client.setTimeout(0);
    const ending = (why: TunnelEnd): void => void (this.#exchange.record.tunnelEnd = why);
    this.#tunnel = new Tunnel({ client: this.#client, service, limits: this.#hop.upgrades, ending });
    if (this.#retiring) this.#retire();
  }

  #retire(): void {
    this.#retiring = true;
    // A handshake under way is answered first, as any request is.
    this.#tunnel?.leave("drain");
  }

  readonly #hangUp = (): void => void this.#client.destroy();

  #leave(): void {
    if (this.#over) return;
    this.#end("aborted");
    // The error ends the wait for a connection that is still being opened.
    this.#connection?.destroy(new Error("the client left"));
  }

  #end(outcome: AttemptOutcome): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#client.off("end", this.#hangUp);
    this.#endAttempt(outcome);
  }

  #endAttempt(outcome: AttemptOutcome): void {
    // Where its connection was not opened, it has ended before the upgrade.
    if (this.#note.endedAt !== undefined) return;
    this.#note.outcome = outcome;
    this.#note.endedAt = this.#exchange.record.now();
    this.#instance.end(this.#note);
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
