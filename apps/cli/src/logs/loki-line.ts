import { readLine } from "@tandem/platform/log/read-line";
import type { LogLine } from "./question.ts";

/** Gives a line of ours back from what Loki keeps: its whole text, beside labels to find it by. What is no line of ours is shown as it is. */
export function lineOfEntry(
  labels: Readonly<Record<string, string>>,
  { time, body }: { readonly time: number; readonly body: string },
): LogLine {
  const whole = readLine(body);
  if (whole) return { time, fields: whole };
  const at = new Date(time).toISOString();
  return { time, fields: { "@timestamp": at, message: body, "service.name": labels["service_name"] } };
}
