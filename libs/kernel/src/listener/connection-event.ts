import type { ConnectionEnd, HandshakeFailure } from "@tandem/contracts/connection-ends";
import { type CertificateFacts, plainAddress } from "../peer.ts";
import type { Connection } from "./connection.ts";
import { conversationOf } from "./serving.ts";

/** What happens to connections, for their own log: each is told once, when it has ended. */
export type ConnectionEvent = ClosedConnection | DroppedConnections;

/** All there is to say of a connection that was taken. */
export interface ClosedConnection {
  readonly kind: "closed";
  readonly id: string;
  /** Epoch milliseconds. */
  readonly endedAt: number;
  readonly duration: number;
  readonly end: ConnectionEnd;
  /** What OpenSSL, the system, the parser or the PROXY header's reader said. */
  readonly detail: string | undefined;
  /** The other end of TCP: the client, or the balancer in front. */
  readonly source: Address;
  /** Whom the PROXY header names; `"itself"` where the balancer speaks for itself, as with a health check. */
  readonly proxied: Address | "itself" | undefined;
  readonly tls: TlsFacts | undefined;
  readonly protocol: "none" | "http/1.1" | "h2";
  readonly requests: number;
  readonly upgraded: boolean;
  /** On the wire: PROXY header and TLS included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Connections beyond the limit, which were closed before anything was asked; those of a second together. */
export interface DroppedConnections {
  readonly kind: "dropped";
  readonly endedAt: number;
  readonly count: number;
}

interface Address {
  readonly address: string;
  readonly port: number;
}

/** What a handshake agreed on, or why it did not. */
export interface TlsFacts {
  readonly established: boolean;
  readonly failure?: HandshakeFailure;
  /** As OpenSSL calls them. */
  readonly version?: string;
  readonly cipher?: string;
  readonly sni?: string;
  readonly alpn?: string;
  readonly resumed?: boolean;
  /** What the client showed, by its thumbprint (RFC 8705), and what it says. */
  readonly certificate?: { readonly verified: boolean; readonly thumbprint: string; readonly says: CertificateFacts };
}

/** Puts a connection that has just closed into words. */
export function closedConnection(connection: Connection): ClosedConnection {
  const { id, since, raw, socket, protocol, client } = connection;
  const conversation = socket && protocol === "http/1.1" ? conversationOf(socket) : undefined;
  const upgraded = conversation?.upgraded === true && conversation.latest?.record.status === 101;
  const { end, detail } = endOf(connection, upgraded);
  return {
    kind: "closed",
    id,
    endedAt: Date.now(),
    duration: performance.now() - since,
    end,
    detail,
    source: { address: plainAddress(raw.remoteAddress ?? ""), port: raw.remotePort ?? 0 },
    proxied: client,
    tls: tlsFacts(connection),
    protocol,
    requests: conversation?.requests ?? connection.requests,
    upgraded,
    bytesIn: raw.bytesRead,
    bytesOut: raw.bytesWritten,
  };
}

interface End {
  readonly end: ConnectionEnd;
  readonly detail: string | undefined;
}

/** Where nobody noted why, the client did it, or what became of its last request says so. */
function endOf({ end, detail, raw, socket, headerBytes, refusal }: Connection, upgraded: boolean): End {
  const isClients = end === undefined || refusal?.failure === "client-closed" || refusal?.failure === "client-reset";
  if (isClients && raw.bytesRead <= headerBytes) return { end: "unused", detail: undefined };
  if (end !== undefined) return { end, detail };
  const record = socket && conversationOf(socket).latest?.record;
  if (upgraded && record?.tunnelEnd !== undefined) return { end: tunnelEnds[record.tunnelEnd], detail };
  if (record?.ending === "broken-off") return { end: "broken-off", detail };
  const code = codeOf(socket) ?? codeOf(raw);
  if (code === "ECONNRESET" || code === "EPIPE") return { end: "client-reset", detail: code };
  if (code?.startsWith("ERR_HTTP2_")) return { end: "protocol-error", detail: code };
  if (code !== undefined) return { end: code.startsWith("ERR_") ? "tls-error" : "client-lost", detail: code };
  return { end: upgraded ? "tunnel-ended" : "client-closed", detail };
}

const tunnelEnds = { idle: "idle", age: "tunnel-aged", drain: "drain" } as const;

function codeOf(socket: { readonly errored: Error | null } | undefined): string | undefined {
  const error = socket?.errored;
  return error && "code" in error ? String(error.code) : undefined;
}

function tlsFacts({ peer, refusal }: Connection): TlsFacts | undefined {
  if (refusal) {
    const { failure, version, sni, certificate: shown } = refusal;
    return {
      established: false,
      failure,
      ...(version !== undefined && { version }),
      ...(sni !== undefined && { sni }),
      ...(shown && { certificate: { verified: false, thumbprint: shown.certificate, says: shown.says } }),
    };
  }
  if (!peer?.tls) return undefined;
  const { version, cipher, sni, alpn, resumed = false, certificate: thumbprint, says } = peer.tls;
  return {
    established: true,
    version,
    cipher,
    alpn,
    resumed,
    ...(sni !== undefined && { sni }),
    ...(thumbprint !== undefined && says && { certificate: { verified: true, thumbprint, says } }),
  };
}
