import type { RequestRecord } from "@tandem/kernel/record";
import { causeText } from "./cause-text.ts";
import { createIsoTime, milliseconds, quote } from "./json-text.ts";

/** The access line for a person at a terminal: what was asked, what came of it, and the id by which to ask for more. */
export function createBriefLine(tier: string): (record: RequestRecord) => string {
  const isoTime = createIsoTime();
  return (record) => {
    const { status, attempts, principal, error } = record;
    const level = status >= 500 ? "error" : status >= 400 ? "warn" : "info";
    const [target = ""] = record.target.split("?", 1);
    const asked = `${record.method || "?"} ${record.path || target}`;
    const came = status === 0 ? record.ending : String(status);
    let line = `{"time":"${isoTime(record.startedAt)}","level":"${level}"`;
    line += `,"message":${quote(`${asked} ${came} ${milliseconds(record.duration)} ms`, 512)},"tier":${quote(tier)}`;
    if (error !== undefined) line += `,"problem":"${error}"`;
    if (principal && principal.method !== "none") line += `,"by":${quote(principal.subject)}`;
    if (record.route !== undefined) line += `,"route":${quote(record.route)}`;
    const last = attempts.at(-1);
    if (last) line += `,"to":${quote(last.instance)}`;
    if (attempts.length > 1) line += `,"attempts":${attempts.length}`;
    if (status >= 500 && record.cause !== undefined) line += `,"cause":${causeText(record.cause, undefined)}`;
    return `${line},"request":${quote(record.id)}}`;
  };
}
