import type { Principal } from "@tandem/contracts/principal";
import type { ResponseFlag } from "@tandem/contracts/response-flags";
import type { Attempt } from "@tandem/contracts/upstream";
import type { RequestRecord } from "@tandem/kernel/record";
import { flat } from "@tandem/platform/flat";
import { ecsVersion, endOfSearched } from "@tandem/platform/log/json-line";
import { causeFields } from "./cause-fields.ts";
import { decisionFields } from "./decision-fields.ts";
import { createIsoTime, escaped, milliseconds, nanoseconds } from "./json-text.ts";
import { sourceFields, tlsFields } from "./peer-fields.ts";
import type { LineOrigin } from "../line-origin.ts";
import { isFailure, isOurFailure } from "../outcome/outcome.ts";

const longestPath = 1024;
const endSearched = `,"${endOfSearched}":"${ecsVersion}"`;

/**
 * Makes the writer of access lines for one process: a record becomes one line of JSON, put together by hand because it is
 * the costliest thing that every request has. `more` are fields that are text already.
 */
export function createAccessLine(origin: LineOrigin): (record: RequestRecord, more?: string) => string {
  const isoTime = createIsoTime();
  /** As many as there are stages. */
  const phaseKeys = new Map<string, string>();
  const from = originFields(origin);
  return (record, more = "") => {
    const { trace, status, attempts, principal, decision, peer, flags } = record;
    const path = record.path === "" ? "" : escaped(record.path, longestPath);
    const target = path === "" ? bareTarget(record.target) : "";
    const method = escaped(record.method);
    const outcome = isFailure(record) ? "failure" : "success";
    let line = `{"@timestamp":"${isoTime(record.startedAt)}","log.level":"${levelOf(record)}","message":"${method || "?"} ${path || target} ${status || record.ending} in ${milliseconds(record.duration)} ms"${from},"event.outcome":"${outcome}","event.duration":${nanoseconds(record.duration)},"http.request.id":"${escaped(record.id)}"`;
    if (trace) line += `,"trace.id":"${trace.traceId}","span.id":"${trace.spanId}"`;
    if (record.clientAddress) line += `,"client.address":"${escaped(record.clientAddress)}"`;
    if (method) line += `,"http.request.method":"${method}"`;
    if (status !== 0) line += `,"http.response.status_code":${status}`;
    if (principal) line += principalFields(principal);
    if (record.route !== undefined) line += `,"tandem.route":"${escaped(record.route)}"`;
    if (flags.length > 0) line += flagFields(flags);
    if (record.error !== undefined) line += `,"error.code":"${record.error}"`;
    line += endSearched;
    if (record.clientRequestId !== undefined)
      line += `,"tandem.client_request_id":"${escaped(record.clientRequestId)}"`;
    if (trace) line += `,"tandem.sampled":${trace.sampled}`;
    if (peer && peer.address !== record.clientAddress) line += sourceFields(peer);
    if (peer?.connection !== undefined) line += `,"tandem.connection.id":"${peer.connection}"`;
    if (record.host) line += `,"url.domain":"${escaped(record.host)}"`;
    if (path) line += `,"url.path":"${path}"`;
    else if (target) line += `,"url.original":"${target}"`;
    if (record.scheme) line += `,"url.scheme":"${record.scheme}"`;
    if (record.protocol) line += `,"http.version":"${record.protocol}"`;
    line += `,"http.request.body.bytes":${record.bytesIn},"http.response.body.bytes":${record.bytesOut}`;
    if (record.userAgent !== undefined) line += `,"user_agent.original":"${escaped(record.userAgent)}"`;
    if (peer?.tls) line += tlsFields(peer);
    if (decision) line += decisionFields(decision);
    if (record.firstByteAt !== undefined) line += `,"tandem.first_byte_ms":${milliseconds(record.firstByteAt)}`;
    line += phaseFields(record, phaseKeys);
    if (attempts.length > 0) line += attemptFields(attempts, record.duration);
    if (record.upgrade) line += `,"tandem.upgrade":"${escaped(record.upgrade)}"`;
    if (record.tunnelEnd !== undefined) line += `,"tandem.tunnel_end":"${record.tunnelEnd}"`;
    if (record.ending !== "answered") line += `,"tandem.ending":"${record.ending}"`;
    if (status >= 500 && record.cause !== undefined) line += causeFields(record.cause, record.error);
    // It waits for others, and is remembered for a while.
    return flat(`${line}${more}}`);
  };
}

function originFields({ tier, service, instance }: LineOrigin): string {
  const names = `"service.name":"${escaped(service)}","service.node.name":"${escaped(instance)}","tandem.tier":"${escaped(tier)}"`;
  return `,"event.dataset":"tandem.request",${names}`;
}

const levelOf = (record: RequestRecord): string =>
  isOurFailure(record) ? "error" : isFailure(record) ? "warn" : "info";

/** Whatever stands before an address: what a client takes for its password need not be one that a URL could hold. */
const userOfAuthority = /^((?:[a-z][\w+.-]*:)?\/\/)?.*@/i;
const userWithin = /\/\/[^/]*@/g;

/** What hygiene refused has no path; then what was asked for is shown as it was, up to the query and without a password. */
function bareTarget(target: string): string {
  if (target === "") return "";
  const [bare = ""] = target.split(/[?#]/, 1);
  const isPath = bare.startsWith("/") && !bare.startsWith("//");
  return escaped((isPath ? bare : bare.replace(userOfAuthority, "$1")).replaceAll(userWithin, "//"), longestPath);
}

function principalFields({ subject, client, method }: Principal): string {
  const known = client === undefined ? "" : `,"tandem.client":"${escaped(client)}"`;
  return `,"user.id":"${escaped(subject)}"${known},"tandem.authenticated_by":"${method}"`;
}

function phaseFields({ phases, phaseTimes, duration }: RequestRecord, keys: Map<string, string>): string {
  const last = phases.length - 1;
  if (last < 0) return "";
  let text = "";
  for (let index = 0; index <= last; index++) {
    const name = phases[index]!;
    const end = index < last ? phaseTimes[index + 1]! : duration;
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = `"${escaped(name)}":`));
    text += (index === 0 ? ',"tandem.phases_ms":{' : ",") + key + milliseconds(end - phaseTimes[index]!);
  }
  return `${text}}`;
}

function attemptFields(attempts: readonly Attempt[], duration: number): string {
  let text = "";
  let together = 0;
  for (const { target, instance, reason, outcome, expired, withheld, status, startedAt, endedAt } of attempts) {
    together += (endedAt ?? duration) - startedAt;
    text += `${text === "" ? "" : ","}{"target":"${escaped(target)}","instance":"${escaped(instance)}"`;
    if (reason !== undefined) text += `,"reason":"${reason}"`;
    if (outcome !== undefined) text += `,"outcome":"${outcome}"`;
    if (expired !== undefined) text += `,"expired":"${expired}"`;
    if (withheld !== undefined) text += `,"withheld":"${withheld}"`;
    if (status !== undefined) text += `,"status":${status}`;
    if (endedAt !== undefined) text += `,"ms":${milliseconds(endedAt - startedAt)}`;
    text += "}";
  }
  return `,"tandem.upstream_ms":${milliseconds(together)},"tandem.attempts":[${text}]`;
}

function flagFields(flags: readonly ResponseFlag[]): string {
  return `,"tandem.flags":["${flags.join('","')}"]`;
}
