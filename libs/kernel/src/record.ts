import type { ProblemCode } from "@tandem/contracts/errors";
import type { Principal } from "@tandem/contracts/principal";
import type { ResponseFlag } from "@tandem/contracts/response-flags";
import type { AccessDecision } from "@tandem/contracts/route";
import type { TraceIds } from "@tandem/contracts/trace";
import type { Attempt } from "@tandem/contracts/upstream";
import { createEpochTime } from "@tandem/platform/telemetry/epoch-time";
import type { Peer } from "./peer.ts";

const epochTime = createEpochTime();
const nothing: readonly ResponseFlag[] = Object.freeze([]);

/** How an exchange ended: answered in full, left by the client, or broken off by us after the head was out. */
export type Ending = "answered" | "client-left" | "broken-off";

/** Why we ended a WebSocket that its two sides would have kept: it was silent, or open, for too long, or we are leaving. */
export type TunnelEnd = "idle" | "age" | "drain";

/** What happened to one request. Stages add to it; the log line, the metrics and the spans are written from it, at the end. */
export class RequestRecord {
  id = "";
  /** What the client itself called the request; a log field and nothing else. */
  clientRequestId: string | undefined;
  trace: TraceIds | undefined;
  /** Epoch milliseconds, with their fraction. */
  readonly startedAt: number;
  method = "";
  /** As it was sent; shown only where hygiene refused it before there was a path, and never with its query. */
  target = "";
  userAgent: string | undefined;
  host = "";
  /** Beside the host, where it is not the default of the scheme. */
  port: number | undefined;
  path = "";
  /** Path and query for the next hop, where a stage rewrote them; shown never with the query. */
  sentTarget: string | undefined;
  protocol = "";
  /** The one that the client itself used; empty for what the parser refused. */
  scheme: "http" | "https" | "" = "";
  upgrade: string | undefined;
  peer: Peer | undefined;
  clientAddress = "";
  principal: Principal | undefined;
  route: string | undefined;
  /** The path pattern of the route that took the request. */
  routePattern: string | undefined;
  /** The one that its route names, or that was chosen among several, whether or not it was asked. */
  service: string | undefined;
  decision: AccessDecision | undefined;
  readonly attempts: Attempt[] = [];
  /** The stages entered, and when: milliseconds since the start, in step with `phases`. */
  readonly phases: string[] = [];
  readonly phaseTimes: number[] = [];
  status = 0;
  error: ProblemCode | undefined;
  cause: unknown;
  bytesIn = 0;
  bytesOut = 0;
  firstByteAt: number | undefined;
  duration = 0;
  ending: Ending = "answered";
  tunnelEnd: TunnelEnd | undefined;
  /** What was out of the ordinary: found out once at the end, before any other observer is told. */
  flags: readonly ResponseFlag[] = nothing;
  readonly #origin: number;

  constructor(epoch: number = epochTime()) {
    this.startedAt = epoch;
    this.#origin = performance.now();
  }

  /** Milliseconds since the record began. */
  now(): number {
    return performance.now() - this.#origin;
  }

  /** Notes that our own code failed where nobody can be answered any more; what went wrong first is what is told. */
  broke(cause: unknown): void {
    this.error ??= "server.error";
    this.cause ??= cause;
  }

  /** Notes that a phase begins; the one before it has ended. */
  enter(phase: string): void {
    this.phases.push(phase);
    this.phaseTimes.push(this.now());
  }
}

/** Is told of every exchange once, when it has ended, however it ended. */
export type Observer = (record: RequestRecord) => void;
