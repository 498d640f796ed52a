import { escapeControls } from "./escape-controls.ts";
import type { LogFields } from "./logger.ts";
import { redact } from "./redact.ts";

/** One line before it is text. */
export interface Entry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** The Elastic Common Schema that every line of ours follows, whoever writes it. */
export const ecsVersion = "8.17";
/** Stands behind all fields by which lines are searched, in every line: who looks for these need not read on. */
export const endOfSearched = "ecs.version";

const reserved = new Set(["@timestamp", "log.level", "message", endOfSearched, "event.dataset"]);
/** What an error's own fields are called in ECS; its causes and companions keep theirs. */
const errorNames: Readonly<Record<string, string>> = { name: "error.type", stack: "error.stack_trace" };

/** One line of JSON in the names of ECS, its time first; a field that would pass itself off as one of these gets a "_" behind its name. */
export function toJsonLine({ time, level, message, fields }: Entry, stacks: boolean): string {
  const line: Record<string, unknown> = {
    "@timestamp": new Date(time).toISOString(),
    "log.level": level,
    message: redact(message, { stacks }),
    "event.dataset": "tandem.process",
  };
  const shown = redact(fields, { stacks });
  if (typeof shown === "object" && shown !== null) {
    for (const [name, value] of Object.entries(shown)) {
      if (name === "error") Object.assign(line, errorFields(fields[name], value));
      else line[reserved.has(name) ? `${name}_` : name] = value;
    }
  }
  line[endOfSearched] = ecsVersion;
  return escapeControls(JSON.stringify(line));
}

/** An error, or only its message, in the flat names of ECS; anything else under this name stays as it is. */
function errorFields(given: unknown, shown: unknown): Record<string, unknown> {
  if (typeof shown === "string") return { "error.message": shown };
  if (!(given instanceof Error) || typeof shown !== "object" || shown === null) return { error: shown };
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [errorNames[name] ?? `error.${name}`, value]));
}
