import type { Attempt } from "@tandem/contracts/upstream";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Ids } from "@tandem/platform/random";
import type { CompactSpan, SpanValue } from "@tandem/platform/telemetry/compact-span";
import { failureOfServer, serverAttributes } from "./server-attributes.ts";
import { isKnownMethod, spanName } from "./span-names.ts";

/** The phases in which somebody decides about the caller: shown however short. */
const decisive: ReadonlySet<string> = new Set(["authenticate", "acceptAssertion", "authorize"]);
/** Any other phase is worth a line from this many milliseconds on. */
const noticeable = 1;
/** A path may be as long as a head. */
const longest = 1024;

type Base = Pick<CompactSpan, "traceId" | "flags" | "state">;

/** The spans of one request, written from its record when all is over: the tier's own, the phases worth seeing, and each attempt. */
export function spansOfRecord(record: RequestRecord, ids: Pick<Ids, "spanId">): CompactSpan[] {
  const { trace } = record;
  if (!trace) return [];
  const base: Base = {
    traceId: trace.traceId,
    flags: (trace.sampled ? 1 : 0) | (trace.random ? 2 : 0),
    ...(trace.state && { state: trace.state }),
  };
  const failure = failureOfServer(record);
  const spans: CompactSpan[] = [
    {
      ...base,
      spanId: trace.spanId,
      ...(trace.parentSpanId && { parentSpanId: trace.parentSpanId, remoteParent: true }),
      ...(trace.link && { link: trace.link }),
      kind: "server",
      name: spanName(record.method, record.route),
      startedAt: record.startedAt,
      duration: record.duration,
      ...(failure !== undefined && { failure }),
      attributes: serverAttributes(record),
    },
  ];
  addPhases(spans, record, { base, ids });
  let resends = 0;
  for (const attempt of record.attempts) spans.push(attemptSpan(record, attempt, { base, resends: resends++ }));
  return spans;
}

/** A phase ends where the next begins. The last one is told by its attempts, if it made any. */
function addPhases(
  spans: CompactSpan[],
  record: RequestRecord,
  { base, ids }: { readonly base: Base; readonly ids: Pick<Ids, "spanId"> },
): void {
  const { phases, phaseTimes, attempts, error, duration } = record;
  const last = phases.length - 1;
  for (let index = 0; index <= last; index++) {
    const name = phases[index]!;
    const start = phaseTimes[index]!;
    const end = index < last ? phaseTimes[index + 1]! : duration;
    const refused = index === last && error !== undefined && attempts.length === 0;
    if (index === last && attempts.length > 0) continue;
    if (!refused && !decisive.has(name) && end - start < noticeable) continue;
    spans.push({
      ...base,
      spanId: ids.spanId(),
      parentSpanId: spans[0]!.spanId,
      kind: "internal",
      name,
      startedAt: record.startedAt + start,
      duration: Math.max(0, end - start),
      ...(refused && record.status >= 500 && { failure: error }),
      attributes: refused ? { "tandem.problem": error } : {},
    });
  }
}

function attemptSpan(
  record: RequestRecord,
  attempt: Attempt,
  { base, resends }: { readonly base: Base; readonly resends: number },
): CompactSpan {
  const { target, instance, reason, status, outcome, expired, withheld, startedAt, firstByteAt } = attempt;
  // An attempt that was never concluded ended with its request.
  const endedAt = attempt.endedAt ?? record.duration;
  const attributes: Record<string, SpanValue> = {
    "http.request.method": isKnownMethod(record.method) ? record.method : "_OTHER",
    "peer.service": target,
    "tandem.instance": instance,
  };
  if (attempt.origin !== undefined) addTarget(attributes, attempt.origin, record);
  if (status !== undefined) attributes["http.response.status_code"] = status;
  if (outcome !== undefined) attributes["tandem.outcome"] = outcome;
  if (reason !== undefined) attributes["tandem.attempt"] = reason;
  if (expired !== undefined) attributes["tandem.expired"] = expired;
  if (withheld !== undefined) attributes["tandem.withheld"] = withheld;
  if (resends > 0) attributes["http.request.resend_count"] = resends;
  if (firstByteAt !== undefined)
    attributes["tandem.first_byte_ms"] = Math.round((firstByteAt - startedAt) * 1000) / 1000;
  const failure = failureOf(attempt);
  if (failure) attributes["error.type"] = failure;
  return {
    ...base,
    spanId: attempt.spanId,
    parentSpanId: record.trace!.spanId,
    kind: "client",
    name: spanName(record.method, target),
    startedAt: record.startedAt + startedAt,
    duration: Math.max(0, endedAt - startedAt),
    ...(failure && { failure }),
    attributes,
  };
}

/** Where an attempt went: the path as the stages rewrote it, and never a query. */
function addTarget(attributes: Record<string, SpanValue>, origin: string, { path, sentTarget }: RequestRecord): void {
  const host = origin.indexOf("//") + 2;
  const colon = origin.lastIndexOf(":");
  const hasPort = colon > host && colon > origin.lastIndexOf("]");
  attributes["server.address"] = hasPort ? origin.slice(host, colon) : origin.slice(host);
  attributes["server.port"] = hasPort ? Number(origin.slice(colon + 1)) : origin.startsWith("https:") ? 443 : 80;
  attributes["url.full"] = (origin + (sentTarget ?? path).split("?", 1)[0]).slice(0, longest);
}

/** For the one who asked, an answer of 4xx is a failure too. A client that left is nobody's failure. */
function failureOf({ outcome, status }: Attempt): string | undefined {
  if (outcome !== undefined && outcome !== "answered" && outcome !== "aborted") return outcome;
  return status !== undefined && status >= 400 ? String(status) : undefined;
}
