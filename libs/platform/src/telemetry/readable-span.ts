import { createTraceState, SpanKind, SpanStatusCode, type HrTime, type SpanContext } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { CompactSpan } from "./compact-span.ts";

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;
const unset = { code: SpanStatusCode.UNSET } as const;

/** Who made the spans; the same two objects for every span, because the encoder groups by identity. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: ReadableSpan["instrumentationScope"];
}

/** Dresses a compact span as what the OTLP exporter reads; made per batch and gone with it. */
export function readableSpan(span: CompactSpan, { resource, scope }: SpanOrigin): ReadableSpan {
  const { traceId, parentSpanId, link, flags, failure } = span;
  const context: SpanContext = {
    traceId,
    spanId: span.spanId,
    traceFlags: flags,
    ...(span.state && { traceState: createTraceState(span.state) }),
  };
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => context,
    ...(parentSpanId && {
      parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: flags, isRemote: span.remoteParent ?? false },
    }),
    startTime: hrTimeOf(span.startedAt),
    endTime: hrTimeOf(span.startedAt + span.duration),
    duration: hrTimeOf(span.duration),
    status: failure === undefined ? unset : { code: SpanStatusCode.ERROR, message: failure },
    attributes: span.attributes,
    links: link ? [{ context: { ...link, traceFlags: 0, isRemote: true } }] : [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds; a double of epoch milliseconds is good to a quarter of a microsecond. */
function hrTimeOf(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.floor((milliseconds - seconds * 1000) * 1e6)];
}
