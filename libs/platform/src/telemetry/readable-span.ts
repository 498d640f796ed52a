import { createTraceState, SpanKind, SpanStatusCode, type SpanContext } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Origin } from "./collector.ts";
import type { CompactSpan } from "./compact-span.ts";
import { hrTimeOf } from "./hr-time.ts";

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;
const unset = { code: SpanStatusCode.UNSET } as const;

/** Dresses a compact span as what the OTLP exporter reads; made per batch and gone with it. */
export function readableSpan(span: CompactSpan, { resource, scope }: Origin): ReadableSpan {
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
