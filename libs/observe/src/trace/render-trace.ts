import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { describe, type Tone } from "./describe-span.ts";
import { milliseconds } from "./milliseconds.ts";
import { spanTree, type SpanNode } from "./span-tree.ts";
import { escapeControls as visible } from "@tandem/platform/log/escape-controls";

/** One process's part of a trace, as its admin plane answers. */
export interface TracePart {
  readonly service: string;
  readonly spans: readonly CompactSpan[];
}

interface RenderOptions {
  /** Marks trouble in red and the lesser things in grey. */
  readonly color?: boolean;
}

interface Row {
  readonly tree: string;
  readonly start: string;
  readonly duration: string;
  readonly details: string;
  readonly tone: Tone;
}

const tones: Readonly<Record<Tone, string>> = { plain: "", quiet: "\u001b[90m", bad: "\u001b[31m" };
const reset = "\u001b[0m";

/** Lays the parts of a trace out as one tree over all processes, one line a span, with its start and duration. */
export function renderTrace(parts: readonly TracePart[], { color = false }: RenderOptions = {}): string {
  const { roots, traceId, startedAt } = spanTree(parts);
  if (roots.length === 0) return "no spans\n";
  const rows: Row[] = [];
  for (const root of roots) addRows(rows, root, { startedAt, lead: "", indent: "" });
  const widths = [widest(rows, "tree"), widest(rows, "start"), widest(rows, "duration")] as const;
  const lines = rows.map((row) => {
    const columns = [row.tree.padEnd(widths[0]), row.start.padStart(widths[1]), row.duration.padStart(widths[2])];
    const line = `${columns.join("  ")}  ${row.details}`.trimEnd();
    return color && row.tone !== "plain" ? tones[row.tone] + line + reset : line;
  });
  const requestId = String(roots[0]?.span.attributes["tandem.request_id"] ?? "");
  const head = visible(`trace ${traceId}${requestId && `  request ${requestId}`}`);
  return [head, ...lines, ""].join("\n");
}

interface Place {
  readonly startedAt: number;
  /** What stands before this line, and what before those below it. */
  readonly lead: string;
  readonly indent: string;
}

function addRows(rows: Row[], node: SpanNode, { startedAt, lead, indent }: Place): void {
  const { title, details, tone } = describe(node);
  rows.push({
    tree: lead + title,
    start: signed(node.span.startedAt - startedAt),
    duration: milliseconds(node.span.duration),
    details,
    tone,
  });
  const last = node.children.length - 1;
  for (const [index, child] of node.children.entries()) {
    const isLast = index === last;
    addRows(rows, child, {
      startedAt,
      lead: indent + (isLast ? "└─ " : "├─ "),
      indent: indent + (isLast ? "   " : "│  "),
    });
  }
}

const widest = (rows: readonly Row[], column: "tree" | "start" | "duration"): number =>
  Math.max(...rows.map((row) => row[column].length));

/** The clock of another host may be behind. */
const signed = (value: number): string => (value < 0 ? milliseconds(value) : `+${milliseconds(value)}`);
