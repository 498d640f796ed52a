import { constants } from "node:crypto";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import type { TlsMaterial } from "./tls-material.ts";

/** For TLS 1.2 only what has forward secrecy and authenticates what it encrypts; TLS 1.3 has nothing else. */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** Makes the half of a listener that speaks TLS. It never listens itself: it is handed connections. */
export function createTlsServer(material: TlsMaterial, handshakeTimeout: number): Server {
  const { clients } = material;
  return createServer({
    ...contextOf(material, clients?.revoked?.lists),
    requestCert: clients !== undefined,
    rejectUnauthorized: clients?.required ?? false,
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout,
  });
}

/** Holds every further handshake to newer lists; throws, and changes nothing, where they are none. */
export function applyRevocationLists(server: Server, material: TlsMaterial, lists: readonly string[]): void {
  server.setSecureContext(contextOf(material, lists));
}

function contextOf({ certificate, key, clients }: TlsMaterial, lists: readonly string[] = []): SecureContextOptions {
  return {
    cert: certificate,
    key,
    ...(clients && { ca: clients.ca }),
    ...(lists.length > 0 && { crl: [...lists] }),
    minVersion: "TLSv1.2",
    ciphers,
    honorCipherOrder: true,
    // A resumed session would bring a client certificate along without checking it again.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (clients ? constants.SSL_OP_NO_TICKET : 0),
  };
}

/** Tells whether a client showed a certificate that nobody here vouches for. Where certificates are optional the handshake lets that pass. */
export function showedBadCertificate(socket: TLSSocket): boolean {
  return !socket.authorized && socket.getPeerX509Certificate() !== undefined;
}
