import type { RequestRecord } from "@tandem/kernel/record";
import type { SpanValue } from "@tandem/platform/telemetry/compact-span";
import { causeText } from "../access-log/cause-fields.ts";
import { mostShadows } from "../access-log/decision-fields.ts";
import { isKnownMethod } from "./span-names.ts";

/** Longer than any honest one, shorter than what a head may hold. */
const longest = 512;
const longestCause = 1024;

/** What failed on our side, by its code or empty; a refused client is no failure of the server: by convention only 5xx are, and answers broken off. */
export function failureOfServer({ status, error, ending }: RequestRecord): string | undefined {
  if (status >= 500) return error ?? "";
  return ending === "broken-off" ? (error ?? ending) : undefined;
}

/** What a person asks of the request as a whole, in the names of OpenTelemetry where it has one; never a query, never a credential. */
export function serverAttributes(record: RequestRecord): Record<string, SpanValue> {
  const { method, peer, principal, decision, status, error } = record;
  const attributes: Record<string, SpanValue> = { "tandem.request_id": record.id };
  const add = (name: string, value: SpanValue | undefined): void => {
    if (value !== undefined && value !== "") attributes[name] = value;
  };
  if (isKnownMethod(method)) attributes["http.request.method"] = method;
  else {
    attributes["http.request.method"] = "_OTHER";
    add("http.request.method_original", method.slice(0, longest));
  }
  if (status !== 0) attributes["http.response.status_code"] = status;
  add("url.path", record.path.slice(0, longest));
  add("url.scheme", peer?.tls ? "https" : "http");
  add("server.address", record.host);
  if (record.host !== "") add("server.port", record.port ?? (peer?.tls ? 443 : 80));
  add("http.route", record.routePattern);
  add("client.address", record.clientAddress);
  add("network.protocol.version", record.protocol);
  add("user_agent.original", record.userAgent?.slice(0, longest));
  if (peer) {
    add("network.peer.address", peer.address);
    add("network.peer.port", peer.port);
    add("tls.protocol.version", peer.tls?.version);
  }
  if (principal) {
    add("tandem.principal", principal.subject.slice(0, longest));
    add("tandem.client", principal.client?.slice(0, longest));
    add("tandem.authenticated_by", principal.method);
  }
  add("tandem.route", record.route);
  if (decision) {
    add("tandem.decision", decision.effect);
    add("tandem.rule", decision.rule);
    add("tandem.reason", decision.reason);
    const shadows = decision.shadows?.slice(0, mostShadows);
    add("tandem.shadow", shadows?.map(({ policy, rule, effect }) => `${effect} ${policy}/${rule}`).join(", "));
  }
  add("tandem.problem", error);
  add("tandem.upgrade", record.upgrade?.slice(0, longest));
  add("tandem.tunnel_end", record.tunnelEnd);
  if (record.ending !== "answered") attributes["tandem.ending"] = record.ending;
  add("tandem.flags", record.flags.join(" "));
  const failure = failureOfServer(record);
  if (failure !== undefined) {
    attributes["error.type"] = failure === "" ? String(status) : failure;
    if (record.cause !== undefined) add("tandem.cause", causeText(record.cause).slice(0, longestCause));
  }
  return attributes;
}
