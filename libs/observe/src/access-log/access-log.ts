import type { Observer } from "@tandem/kernel/record";
import type { LineSink } from "@tandem/platform/log/logger";
import { createAccessLine } from "./access-line.ts";
import { createBriefLine } from "./brief-line.ts";

export interface AccessLogOptions {
  readonly tier: string;
  /** Takes serialised lines in batches, and drops rather than waits. */
  readonly lines: LineSink;
  /** The short line for a person at a terminal, in place of the whole record. */
  readonly brief?: boolean;
}

/** Writes one line for each request, whatever became of it. */
export function accessLog({ tier, lines, brief = false }: AccessLogOptions): Observer {
  const lineOf = brief ? createBriefLine(tier) : createAccessLine(tier);
  return (record) => lines.line(lineOf(record));
}
