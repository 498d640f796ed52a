import { isFailedEnd } from "@tandem/contracts/connection-ends";
import type {
  ClosedConnection,
  ConnectionEvent,
  DroppedConnections,
  TlsFacts,
} from "@tandem/kernel/listener/connection-event";
import { escapeControls } from "@tandem/platform/log/escape-controls";
import { ecsVersion, endOfSearched } from "@tandem/platform/log/json-line";
import type { LineOrigin } from "../line-origin.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Names that strangers choose are cut here, and of many the first are told. */
const longestName = 256;
const mostNames = 4;

/** Never came to HTTP. */
const refusals: ReadonlySet<string> = new Set(["handshake-failed", "certificate-refused", "proxy-refused"]);

/** Makes the writer of connection lines for one process: an event becomes one line of JSON. */
export function createConnectionLine({ tier, service, instance }: LineOrigin): (event: ConnectionEvent) => string {
  const origin = { "service.name": service, "service.node.name": instance, "tandem.tier": tier };
  return (event) => {
    const line = {
      "@timestamp": new Date(event.endedAt).toISOString(),
      "log.level": event.kind === "dropped" ? "warn" : "info",
      message: event.kind === "dropped" ? droppedMessage(event) : closedMessage(event),
      "event.dataset": "tandem.connection",
      ...origin,
      ...(event.kind === "dropped" ? droppedFields(event) : closedFields(event)),
      [endOfSearched]: ecsVersion,
    };
    return escapeControls(JSON.stringify(line));
  };
}

const droppedMessage = ({ count }: DroppedConnections): string =>
  `${count} connections beyond listen.limits.connections were dropped`;

const droppedFields = ({ count }: DroppedConnections): Fields => ({
  "event.action": "connections-dropped",
  "event.outcome": "failure",
  "tandem.connection.dropped": count,
});

function closedMessage({ end, tls, detail, requests, duration, ...event }: ClosedConnection): string {
  const who = clientOf(event).address || "somebody";
  if (!refusals.has(end)) return `connection of ${who} ended, ${requests} requests in ${seconds(duration)} s: ${end}`;
  return `connection of ${who} refused: ${tls?.failure ?? detail ?? end}`;
}

const seconds = (milliseconds: number): number => Math.round(milliseconds) / 1000;

function closedFields(event: ClosedConnection): Fields {
  const { id, end, detail, duration, source, proxied, tls, protocol, requests, upgraded, bytesIn, bytesOut } = event;
  const client = clientOf(event);
  return {
    "event.action": refusals.has(end) ? "connection-refused" : "connection-closed",
    "event.outcome": isFailedEnd(end) ? "failure" : "success",
    "event.reason": end,
    "event.duration": Math.round(duration * 1000) * 1000,
    "error.code": detail,
    // One that was reset before anybody looked has no address any more.
    ...(client.address && { "client.address": client.address, "client.port": client.port }),
    ...(source.address && { "source.ip": source.address, "source.port": source.port }),
    "source.bytes": bytesIn,
    "destination.bytes": bytesOut,
    ...(protocol !== "none" && { "network.protocol": "http", "http.version": protocol === "h2" ? "2" : "1.1" }),
    ...(tls && tlsFields(tls)),
    "tandem.connection.id": id,
    "tandem.connection.requests": requests,
    "tandem.connection.upgraded": upgraded,
    "tandem.connection.proxy": proxied === undefined || proxied === "itself" ? proxied : "client",
  };
}

const clientOf = ({ source, proxied }: Pick<ClosedConnection, "source" | "proxied">): ClosedConnection["source"] =>
  proxied === undefined || proxied === "itself" ? source : proxied;

function tlsFields({ established, failure, version, cipher, sni, alpn, resumed, certificate }: TlsFacts): Fields {
  return {
    "tls.established": established,
    "tandem.connection.handshake": failure,
    ...(version !== undefined && { "tls.version": version.replace(/^TLSv/, ""), "tls.version_protocol": "tls" }),
    "tls.cipher": cipher,
    "tls.next_protocol": alpn,
    "tls.resumed": resumed,
    "tls.client.server_name": sni === undefined ? undefined : bounded(sni),
    ...(certificate && certificateFields(certificate)),
  };
}

function certificateFields({ verified, thumbprint, says }: NonNullable<TlsFacts["certificate"]>): Fields {
  const { names, serial, notBefore, notAfter } = says;
  return {
    "tls.client.x509.subject.common_name": names && namesOf(names.subject.CN),
    "tls.client.x509.issuer.common_name": names && namesOf(names.issuer.CN),
    "tls.client.x509.serial_number": bounded(serial),
    "tls.client.hash.sha256": Buffer.from(thumbprint, "base64url").toString("hex").toUpperCase(),
    "tls.client.not_before": timeOf(notBefore),
    "tls.client.not_after": timeOf(notAfter),
    "tandem.connection.thumbprint": thumbprint,
    "tandem.connection.verified": verified,
  };
}

const namesOf = (names: readonly string[]): string[] | undefined =>
  names.length === 0 ? undefined : names.slice(0, mostNames).map(bounded);

const bounded = (text: string): string => (text.length > longestName ? `${text.slice(0, longestName)}…` : text);

/** A certificate may state a time that is none. */
const timeOf = (epoch: number): string | undefined =>
  Number.isFinite(epoch) ? new Date(epoch).toISOString() : undefined;
