import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { escapeControls as visible } from "@tandem/platform/log/escape-controls";
import { unmistakable } from "@tandem/platform/log/unmistakable";
import { milliseconds } from "./milliseconds.ts";
import type { SpanNode } from "./span-tree.ts";

/** How a line is to look: phases are quiet, trouble is not. */
export type Tone = "plain" | "quiet" | "bad";

interface Description {
  readonly title: string;
  readonly details: string;
  readonly tone: Tone;
}

/** Says in a line what a person wants to know of a span first. */
export function describe({ service, span }: SpanNode): Description {
  const { kind, name, failure } = span;
  const tone = failure !== undefined ? "bad" : kind === "internal" ? "quiet" : "plain";
  const title = kind === "server" ? `${service}: ${name}` : kind === "client" ? `→ ${targetOf(span)}` : name;
  const details =
    kind === "server" ? serverDetails(span) : kind === "client" ? clientDetails(span) : phaseDetails(span);
  const trouble = failure && !details.includes(failure) ? [failure] : [];
  return { title: visible(title), details: visible([...details, ...trouble].join("  ")), tone };
}

const textOf = ({ attributes }: CompactSpan, name: string): string => String(attributes[name] ?? "");

const targetOf = (span: CompactSpan): string =>
  [textOf(span, "peer.service") || span.name, textOf(span, "tandem.instance")].filter(Boolean).join(" ");

const withLabel = (span: CompactSpan, label: string, name: string): string => {
  const text = textOf(span, name);
  return text && `${label} ${text}`;
};

const serverDetails = (span: CompactSpan): string[] => {
  const client = unmistakable(textOf(span, "tandem.client"));
  const principal = unmistakable(textOf(span, "tandem.principal"));
  const decision = textOf(span, "tandem.decision");
  return [
    textOf(span, "http.response.status_code"),
    textOf(span, "url.path"),
    principal && `by ${principal}${client && client !== principal ? ` (${client})` : ""}`,
    decision && `${decision}: ${textOf(span, "tandem.rule")}`,
    withLabel(span, "in shadow:", "tandem.shadow"),
    textOf(span, "tandem.problem"),
    textOf(span, "tandem.ending"),
  ].filter(Boolean);
};

const clientDetails = (span: CompactSpan): string[] => {
  const outcome = textOf(span, "tandem.outcome");
  return [
    textOf(span, "http.response.status_code"),
    outcome === "answered" ? "" : outcome,
    withLabel(span, "resent", "http.request.resend_count"),
    firstByte(span),
  ].filter(Boolean);
};

const firstByte = ({ attributes }: CompactSpan): string => {
  const after = attributes["tandem.first_byte_ms"];
  return after === undefined ? "" : `first byte after ${milliseconds(Number(after))}`;
};

const phaseDetails = (span: CompactSpan): string[] => [textOf(span, "tandem.problem")].filter(Boolean);
