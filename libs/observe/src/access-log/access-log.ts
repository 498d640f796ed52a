import type { Observer } from "@tandem/kernel/record";
import type { LineSink } from "@tandem/platform/log/logger";
import { createAccessLine } from "./access-line.ts";

export interface AccessLogOptions {
  readonly tier: string;
  /** Takes serialised lines in batches, and drops rather than waits. */
  readonly lines: LineSink;
}

/** Writes one line for each request, whatever became of it. */
export function accessLog({ tier, lines }: AccessLogOptions): Observer {
  const lineOf = createAccessLine(tier);
  return (record) => lines.line(lineOf(record));
}
