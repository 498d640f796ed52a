import { lokiName } from "./logql.ts";
import type { LogLine } from "./question.ts";

/** The names that we know to have points in them, by what Loki makes of them. */
const dotted = new Map(
  [
    "log.level",
    "ecs.version",
    "event.dataset",
    "service.name",
    "service.version",
    "service.node.name",
    "service.instance.id",
    "tandem.tier",
    "tandem.route",
    "tandem.flags",
    "trace.id",
    "span.id",
    "http.request.id",
    "http.request.method",
    "http.response.status_code",
    "client.address",
    "user.id",
    "url.path",
  ].map((name) => [lokiName(name), name]),
);

/** What Loki adds by itself, or has a second time. */
const surplus: ReadonlySet<string> = new Set(["detected_level", "severity_number", "severity_text", "scope_name"]);

/** Gives a line of ours back its form, from the labels and the text that Loki keeps it as. */
export function lineOfEntry(
  labels: Readonly<Record<string, string>>,
  { time, body }: { readonly time: number; readonly body: string },
): LogLine {
  const fields: Record<string, unknown> = { "@timestamp": new Date(time).toISOString(), message: body };
  for (const [name, value] of Object.entries(labels)) if (!surplus.has(name)) fields[dotted.get(name) ?? name] = value;
  return { time, fields };
}
