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
const longMember = 128;

const parent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?=-|$)/;
/** A member is one key, of level 2 with at signs wherever but in front, and one value that does not end in a space. */
const member = /^[a-z0-9][a-z0-9_*/@-]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

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

/**
 * One line out of however many there were. A malformed member drops the whole, because half a list is another list; of a
 * key that comes twice the first member stays, which is the newer one.
 */
function parseState(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  const members: string[] = [];
  const keys = new Set<string>();
  let count = 0;
  for (const line of lines)
    for (const part of line.split(",")) {
      const candidate = trimBlank(part);
      if (candidate === "") continue;
      if (++count > mostMembers || !member.test(candidate)) return undefined;
      const key = candidate.slice(0, candidate.indexOf("="));
      if (keys.has(key)) continue;
      keys.add(key);
      members.push(candidate);
    }
  return members.length === 0 ? undefined : shortened(members).join(",");
}

/** What is too long for the next hop loses whole members, the long ones first and each time the last, as level 2 asks. */
function shortened(members: string[]): string[] {
  let length = members.reduce((sum, { length: own }) => sum + own + 1, -1);
  for (const beyond of [longMember, 0])
    for (let index = members.length - 1; index >= 0 && length > longestState; index--)
      if (members[index]!.length > beyond) {
        length -= members[index]!.length + 1;
        members.splice(index, 1);
      }
  return members;
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
