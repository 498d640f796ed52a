import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { describe, type Tone } from "../trace/describe-span.ts";
import { spanTree, type SpanNode } from "../trace/span-tree.ts";

/** One span as a line of the waterfall. */
export interface WaterfallRow {
  readonly service: string;
  readonly kind: CompactSpan["kind"];
  readonly depth: number;
  readonly title: string;
  readonly details: string;
  readonly tone: Tone;
  /** Milliseconds since the first span began, and how long this one took. */
  readonly start: number;
  readonly duration: number;
}

export interface Waterfall {
  readonly traceId: string;
  /** Milliseconds from the first beginning to the last end. */
  readonly length: number;
  readonly rows: readonly WaterfallRow[];
}

/** No honest trace of one request has more; what comes after is left out. */
const mostRows = 300;

/** What a plane answers about a trace. */
export interface TracePart {
  readonly service: string;
  readonly spans: readonly CompactSpan[];
}

/** Whether an answer is one; a plane of another version may say anything. */
export const isTracePart = (answer: unknown): answer is TracePart =>
  typeof answer === "object" &&
  answer !== null &&
  "service" in answer &&
  "spans" in answer &&
  Array.isArray(answer.spans);

/** Lays the parts of a trace out in lines, each process's below what it was asked by. */
export function waterfallOf(parts: readonly TracePart[]): Waterfall {
  const { traceId, roots } = spanTree(parts);
  const nodes = roots.flatMap((root) => linesOf(root, 0)).slice(0, mostRows);
  // The clock of another host may be behind that of the first.
  const began = Math.min(...nodes.map(({ node }) => node.span.startedAt));
  const rows = nodes.map(({ node, depth }): WaterfallRow => {
    const { startedAt, duration, kind } = node.span;
    return { service: node.service, kind, depth, ...describe(node), start: startedAt - began, duration };
  });
  return { traceId, rows, length: Math.max(0.001, ...rows.map(({ start, duration }) => start + duration)) };
}

const linesOf = (node: SpanNode, depth: number): { readonly node: SpanNode; readonly depth: number }[] => [
  { node, depth },
  ...node.children.flatMap((child) => linesOf(child, depth + 1)),
];

/** Round times for the scale above the lines: four to eight of them. */
export function scaleOf(length: number): number[] {
  const rough = length / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const ticks: number[] = [];
  for (let index = 0; index * step <= length; index++) ticks.push(index * step);
  return ticks;
}
