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

const reserved = new Set(["time", "level", "message"]);

/** One line of JSON: time, level and message first; a field of one of these names gets a "_" behind it. */
export function toJsonLine({ time, level, message, fields }: Entry, stacks: boolean): string {
  const line: Record<string, unknown> = {
    time: new Date(time).toISOString(),
    level,
    message: redact(message, { stacks }),
  };
  const shown = redact(fields, { stacks });
  if (typeof shown === "object" && shown !== null) {
    for (const [name, value] of Object.entries(shown)) line[reserved.has(name) ? `${name}_` : name] = value;
  }
  return escapeControls(JSON.stringify(line));
}
