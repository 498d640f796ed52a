import { saysSampled, traceparentOf } from "@tandem/platform/telemetry/trace-context";
import type { Exchange } from "./exchange.ts";

type Underway = Pick<Exchange, "record" | "reply">;

/**
 * Decides, while a request is under way, whether its trace is exported. Whoever is asked from here on is told so with the
 * `traceparent`, and whoever asked with the `traceresponse`. What a trusted caller has decided stays, but for a debugger.
 */
export function decideSampling(
  { record, reply }: Underway,
  sampled: boolean,
  { decided = false }: { readonly decided?: boolean } = {},
): void {
  const { trace } = record;
  if (!trace || (!decided && (trace.decided || trace.sampled === sampled))) return;
  record.trace = { ...trace, sampled, ...(decided && { decided }) };
  reply.set("traceresponse", traceparentOf(record.trace, trace.spanId));
}

/** Goes by what the next tier has decided of our trace, where its answer says so; of another trace it can decide nothing. */
export function followSampling(exchange: Underway, traceresponse: string | readonly string[] | undefined): void {
  if (typeof traceresponse !== "string") return;
  const sampled = saysSampled(traceresponse, exchange.record.trace?.traceId);
  if (sampled !== undefined) decideSampling(exchange, sampled);
}
