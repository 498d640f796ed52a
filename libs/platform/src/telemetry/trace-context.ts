import type { TraceIds } from "@tandem/contracts/trace";

/** What a caller says of its trace, when all of it is well formed. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  /** Level 2: the caller vouches that the trace id is random. */
  readonly random: boolean;
  readonly state?: string;
}

const sampledFlag = 0x01;
const randomFlag = 0x02;
const noTrace = "0".repeat(32);
const noSpan = "0".repeat(16);
const lengthOfVersion0 = 55;
const mostMembers = 32;
const longestState = 4096;

const parent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?=-|$)/;
/** A member is one key, plain or `tenant@system`, and one value that does not end in a space. */
const member =
  /^(?:[a-z0-9][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** Reads W3C trace context (level 2) from the lines of both headers; one flaw in `traceparent` and there is no context at all. */
export function parseTraceContext(
  traceparents: readonly string[],
  tracestates: readonly string[],
): TraceContext | undefined {
  const [line] = traceparents;
  // Two lines are two claims, and nothing says which to believe.
  if (line === undefined || traceparents.length > 1) return undefined;
  const value = line.trim();
  const parts = parent.exec(value);
  if (!parts) return undefined;
  const [, version = "", traceId = "", spanId = "", flagDigits = ""] = parts;
  // A later version may append fields; version 0 has none, and version ff does not exist.
  if (version === "ff" || (version === "00" && value.length !== lengthOfVersion0)) return undefined;
  if (traceId === noTrace || spanId === noSpan) return undefined;
  const flags = Number.parseInt(flagDigits, 16);
  const state = parseState(tracestates);
  return {
    traceId,
    spanId,
    sampled: (flags & sampledFlag) !== 0,
    random: (flags & randomFlag) !== 0,
    ...(state && { state }),
  };
}

/** One line out of however many there were; a single flaw drops the whole, because half a list is another list. */
function parseState(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  const members: string[] = [];
  const keys = new Set<string>();
  for (const line of lines) {
    if (line.length > longestState) return undefined;
    for (const part of line.split(",")) {
      const candidate = trimBlank(part);
      if (candidate === "") continue;
      if (members.length === mostMembers || !member.test(candidate)) return undefined;
      const key = candidate.slice(0, candidate.indexOf("="));
      if (keys.has(key)) return undefined;
      keys.add(key);
      members.push(candidate);
    }
  }
  const state = members.join(",");
  return state === "" || state.length > longestState ? undefined : state;
}

/** Optional white space of HTTP is space and tab alone; `trim` would forgive more. */
const trimBlank = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, "");

/** The `traceparent` for a next hop, whose parent is the span of the attempt that is being made. */
export function traceparentOf(trace: TraceIds, spanId: string): string {
  const flags = trace.sampled ? (trace.random ? "03" : "01") : trace.random ? "02" : "00";
  return `00-${trace.traceId}-${spanId}-${flags}`;
}

/** Whether a context of this trace says that it is sampled; undefined where it is malformed, or another's. */
export function saysSampled(line: string, traceId: string | undefined): boolean | undefined {
  const parts = parent.exec(line);
  if (!parts || line.length !== lengthOfVersion0 || parts[2] !== traceId) return undefined;
  return (Number.parseInt(parts[4]!, 16) & sampledFlag) !== 0;
}
