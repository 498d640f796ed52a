import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";

/** A span with those that name it as their parent, in the order in which they began. */
export interface SpanNode {
  readonly service: string;
  readonly span: CompactSpan;
  readonly children: SpanNode[];
}

interface Part {
  readonly service: string;
  readonly spans: readonly CompactSpan[];
}

export interface SpanTree {
  readonly traceId: string;
  readonly startedAt: number;
  /** More than one where a parent was not kept, or is another process's that was not asked. */
  readonly roots: readonly SpanNode[];
}

/** Joins the parts of a trace; each span stands in it once, whatever they say of their parents. */
export function spanTree(parts: readonly Part[]): SpanTree {
  const nodes = new Map<string, SpanNode>();
  for (const { service, spans } of parts)
    for (const span of spans) if (!nodes.has(span.spanId)) nodes.set(span.spanId, { service, span, children: [] });
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.span.parentSpanId ?? "");
    if (parent && !leadsBack(node, nodes)) parent.children.push(node);
    else roots.push(node);
  }
  for (const { children } of nodes.values()) children.sort(byStart);
  roots.sort(byStart);
  const traceId = roots[0]?.span.traceId ?? "";
  return { traceId, startedAt: roots[0]?.span.startedAt ?? 0, roots };
}

const byStart = (one: SpanNode, other: SpanNode): number => one.span.startedAt - other.span.startedAt;

/** Whether the way up from a span arrives at it again; nonsense from elsewhere must not run in circles. */
function leadsBack({ span }: SpanNode, nodes: ReadonlyMap<string, SpanNode>): boolean {
  let above = span.parentSpanId;
  for (let steps = 0; above !== undefined && steps <= nodes.size; steps++) {
    if (above === span.spanId) return true;
    above = nodes.get(above)?.span.parentSpanId;
  }
  return false;
}
