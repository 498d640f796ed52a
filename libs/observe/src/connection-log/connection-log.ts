import { isFailedEnd } from "@tandem/contracts/connection-ends";
import type { ConnectionEvent } from "@tandem/kernel/listener/connection-event";
import type { LogOptions } from "@tandem/platform/log/config";
import type { Logger, LineSink } from "@tandem/platform/log/logger";
import type { LineOrigin } from "../line-origin.ts";
import { createConnectionLine } from "./connection-line.ts";

export interface ConnectionLogOptions extends LineOrigin {
  /** Takes serialised lines in batches, and drops rather than waits. */
  readonly lines: LineSink & Pick<Logger, "isDebug" | "error">;
  readonly which: LogOptions["connections"];
}

/** Writes one line for each connection that is worth one; those that nobody used would bury the others. */
export function connectionLog({ lines, which, ...origin }: ConnectionLogOptions): (event: ConnectionEvent) => void {
  const lineOf = createConnectionLine(origin);
  const isWorth = (event: ConnectionEvent): boolean => {
    if (which === "none") return false;
    if (event.kind === "dropped") return true;
    if (event.end === "unused") return which === "all" && lines.isDebug;
    return which === "all" || isFailedEnd(event.end);
  };
  let reported = false;
  return (event) => {
    try {
      if (isWorth(event)) lines.line(lineOf(event));
    } catch (error) {
      // It is told when a socket closes, where nobody would catch this: one odd certificate would end the process.
      if (!reported) lines.error("the connection log failed; its later failures are not reported", { error });
      reported = true;
    }
  };
}
