import type { Logger } from "@tandem/platform/log/logger";
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { certificateOf } from "../peer.ts";
import { type Connection, connectionOf, type RefusedHandshake } from "./connection.ts";
import { followRevocationLists } from "./follow-revocation-lists.ts";
import { certificateFailureOf, type FailedHandshake, handshakeFailureOf } from "./handshake-failure.ts";
import type { TlsMaterial } from "./tls-material.ts";
import { applyRevocationLists, createTlsServer, showedBadCertificate } from "./tls-server.ts";

interface SecuredOptions {
  readonly handshakeTimeout: number;
  readonly logger: Logger;
  /** Takes a connection whose handshake is done. */
  readonly admit: (connection: Connection, socket: TLSSocket) => void;
}

/** The half of a listener that lays TLS over connections. */
export interface Secured {
  shake(connection: Connection): void;
  stop(): void;
}

/** Makes it; a handshake that fails is noted on its connection, with its reason. */
export function createSecured(material: TlsMaterial, { handshakeTimeout, logger, admit }: SecuredOptions): Secured {
  const server = createTlsServer(material, handshakeTimeout);
  const { revoked } = material.clients ?? {};
  const apply = (lists: readonly string[]): void => applyRevocationLists(server, material, lists);
  const stopFollowing = revoked && followRevocationLists(revoked, { apply, logger });

  server.on("secureConnection", (socket: TLSSocket) => {
    const connection = connectionUnder(socket);
    // Without it nobody would know whom the PROXY header named.
    if (!connection) return void socket.destroy();
    connection.shaking = false;
    if (!material.clients || !showedBadCertificate(socket)) return admit(connection, socket);
    refuse(connection, socket, certificateFailureOf(String(socket.authorizationError)));
    socket.destroy();
  });
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const connection = connectionUnder(socket);
    // Where certificates are required Node ends the connection by itself, and only notes why.
    const verdict: unknown = socket.authorizationError;
    if (connection)
      refuse(
        connection,
        socket,
        typeof verdict === "string" ? certificateFailureOf(verdict) : handshakeFailureOf(error),
      );
    // Where a handshake takes too long Node says so, and leaves the connection open.
    socket.destroy();
  });
  return {
    shake(connection) {
      connection.shaking = true;
      server.emit("connection", connection.raw);
    },
    stop: () => stopFollowing?.(),
  };
}

/** Node keeps the socket that it made a TLS socket of, and does not say so; when it tells of a failed handshake, its address is gone. */
function connectionUnder(socket: TLSSocket): Connection | undefined {
  const raw: unknown = Reflect.get(socket, "_parent");
  return raw instanceof Socket ? connectionOf(raw) : undefined;
}

function refuse(connection: Connection, socket: TLSSocket, failed: FailedHandshake): void {
  connection.refusal ??= refusalOf(socket, failed);
  const isVerdict = failed.failure.startsWith("certificate-") && failed.failure !== "certificate-required";
  connection.endsBy(isVerdict ? "certificate-refused" : "handshake-failed", failed.code || undefined);
}

/** Of nothing that was TLS Node knows a version as well. */
const unspoken: ReadonlySet<string> = new Set(["not-tls", "timeout", "client-closed", "client-reset"]);

function refusalOf(socket: TLSSocket, failed: FailedHandshake): RefusedHandshake {
  const version = unspoken.has(failed.failure) ? undefined : socket.getProtocol();
  const sni: unknown = Reflect.get(socket, "servername");
  const certificate = certificateOf(socket);
  return {
    ...failed,
    ...(version && { version }),
    ...(typeof sni === "string" && { sni }),
    ...(certificate && { certificate }),
  };
}
