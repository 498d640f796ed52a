import { escapeControls } from "@tandem/platform/log/escape-controls";
import { unmistakable } from "@tandem/platform/log/unmistakable";
import { beganAt, type LogLine } from "./question.ts";

/** What is told of a line beside its message, in this order, and the word that stands in front of it. */
const details = [
  ["user.id", "by"],
  ["tandem.route", "route"],
  ["client.address", "from"],
  ["tandem.flags", ""],
  ["http.request.id", "request"],
  ["trace.id", "trace"],
  ["service.node.name", "on"],
] as const;

/** A line as people read it: when, which tier, what happened, and by what it can be found again. */
export function lineText(line: LogLine): string {
  const { fields } = line;
  const parts = [
    new Date(beganAt(line)).toISOString(),
    text(fields["tandem.tier"] ?? fields["service.name"]).padEnd("security".length),
    text(fields["message"]),
    ...details.map(([name, word]) => {
      const found = fields[name];
      const value = Array.isArray(found) ? text(found) : unmistakable(text(found));
      return value === "" || word === "" ? value : `${word} ${value}`;
    }),
  ];
  return escapeControls(parts.filter(Boolean).join("  "));
}

/** A line as a program reads it. */
export const lineJson = ({ fields }: LogLine): string => escapeControls(JSON.stringify(fields));

function text(value: unknown): string {
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
