import type { Principal } from "@tandem/contracts/principal";
import type { AccessDecision } from "@tandem/contracts/route";
import type { Attempt } from "@tandem/contracts/upstream";
import type { RequestRecord } from "@tandem/kernel/record";
import { causeText } from "./cause-text.ts";
import { createIsoTime, milliseconds, quote } from "./json-text.ts";

const longestPath = 1024;

/** Makes the writer of access lines for one tier: a record becomes one line of JSON, put together by hand because it is the costliest thing that every request has. */
export function createAccessLine(tier: string): (record: RequestRecord) => string {
  const isoTime = createIsoTime();
  /** As many as there are stages. */
  const phaseKeys = new Map<string, string>();
  const origin = `"kind":"access","tier":${quote(tier)}`;
  return (record) => {
    const { trace, status, attempts, principal, decision } = record;
    let line = `{"time":"${isoTime(record.startedAt)}","level":"${status >= 500 ? "error" : "info"}",${origin},"requestId":${quote(record.id)}`;
    if (record.clientRequestId !== undefined) line += `,"clientRequestId":${quote(record.clientRequestId)}`;
    if (trace) line += `,"traceId":"${trace.traceId}","spanId":"${trace.spanId}","sampled":${trace.sampled}`;
    if (record.clientAddress) line += `,"client":${quote(record.clientAddress)}`;
    if (record.method) line += `,"method":${quote(record.method)}`;
    if (record.host) line += `,"host":${quote(record.host)}`;
    line += whereTo(record);
    if (record.protocol) line += `,"protocol":"${record.protocol}"`;
    if (record.upgrade) line += `,"upgrade":${quote(record.upgrade)}`;
    if (status !== 0) line += `,"status":${status}`;
    line += `,"ms":${milliseconds(record.duration)}`;
    if (record.firstByteAt !== undefined) line += `,"firstByteMs":${milliseconds(record.firstByteAt)}`;
    line += phasesOf(record, phaseKeys);
    line += `,"bytesIn":${record.bytesIn},"bytesOut":${record.bytesOut}`;
    if (principal) line += principalOf(principal);
    if (record.route !== undefined) line += `,"route":${quote(record.route)}`;
    if (decision) line += decisionOf(decision);
    if (attempts.length > 0) line += attemptsOf(attempts);
    if (record.error !== undefined) line += `,"error":"${record.error}"`;
    if (record.tunnelEnd !== undefined) line += `,"tunnelEnd":"${record.tunnelEnd}"`;
    if (record.ending !== "answered") line += `,"ending":"${record.ending}"`;
    if (status >= 500 && record.cause !== undefined) line += `,"cause":${causeText(record.cause, record.error)}`;
    if (record.userAgent !== undefined) line += `,"userAgent":${quote(record.userAgent)}`;
    return `${line}}`;
  };
}

/** What hygiene refused has no path; then what was asked for is shown as it was, up to the query and without a password. */
function whereTo({ path, target }: RequestRecord): string {
  if (path !== "") return `,"path":${quote(path, longestPath)}`;
  if (target === "") return "";
  const [bare = ""] = target.split(/[?#]/, 1);
  return `,"target":${quote(bare.replace(/\/\/[^/]*@/, "//"), longestPath)}`;
}

function phasesOf({ phases, phaseTimes, duration }: RequestRecord, keys: Map<string, string>): string {
  const last = phases.length - 1;
  if (last < 0) return "";
  let text = ',"phases":{';
  for (let index = 0; index <= last; index++) {
    const name = phases[index]!;
    const end = index < last ? phaseTimes[index + 1]! : duration;
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = `${quote(name)}:`));
    text += `${index === 0 ? "" : ","}${key}${milliseconds(end - phaseTimes[index]!)}`;
  }
  return `${text}}`;
}

function principalOf({ subject, client, method }: Principal): string {
  const known = client === undefined ? "" : `,"client":${quote(client)}`;
  return `,"principal":{"subject":${quote(subject)}${known},"method":"${method}"}`;
}

/** Why one was refused, and what policies in shadow would have said; to be seen by operators alone. */
function decisionOf({ effect, rule, nearest, shadows }: AccessDecision): string {
  let text = `,"decision":{"effect":"${effect}","rule":${quote(rule)}`;
  if (nearest) {
    const misses = nearest.map(
      (near) => `{"rule":${quote(near.rule)},"missed":[${near.missed.map((one) => quote(one, 512)).join(",")}]}`,
    );
    text += `,"nearest":[${misses.join(",")}]`;
  }
  if (shadows) {
    const others = shadows.map(
      (shadow) => `{"policy":${quote(shadow.policy)},"rule":${quote(shadow.rule)},"effect":"${shadow.effect}"}`,
    );
    text += `,"shadows":[${others.join(",")}]`;
  }
  return `${text}}`;
}

function attemptsOf(attempts: readonly Attempt[]): string {
  let text = "";
  for (const { target, instance, reason, outcome, expired, withheld, status, startedAt, endedAt } of attempts) {
    text += `${text === "" ? ',"attempts":[' : ","}{"target":${quote(target)},"instance":${quote(instance)}`;
    if (reason !== undefined) text += `,"reason":"${reason}"`;
    if (outcome !== undefined) text += `,"outcome":"${outcome}"`;
    if (expired !== undefined) text += `,"expired":"${expired}"`;
    if (withheld !== undefined) text += `,"withheld":"${withheld}"`;
    if (status !== undefined) text += `,"status":${status}`;
    if (endedAt !== undefined) text += `,"ms":${milliseconds(endedAt - startedAt)}`;
    text += "}";
  }
  return `${text}]`;
}
