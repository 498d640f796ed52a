import { type CertificateNames, certificateNames } from "@tandem/platform/tls/certificate-names";
import { MalformedDer } from "@tandem/platform/tls/read-der";
import { thumbprint } from "@tandem/platform/tls/thumbprint";
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** The other end of a connection, found out once per connection. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** Set when the framing of a request was ambiguous: nothing that follows it on this connection is believed. */
  distrusted?: true;
  readonly tls?: {
    readonly version: string;
    readonly cipher: string;
    readonly alpn: string;
    readonly sni?: string;
    /** RFC 8705 thumbprint of the certificate that the peer proved to hold; absent unless it was verified. */
    readonly certificate?: string;
    /** What that certificate says. */
    readonly says?: CertificateFacts;
  };
}

/** What a verified certificate says of its holder; read once per connection. Times are epoch milliseconds. */
export interface CertificateFacts {
  /** Undefined where they could be read in two ways: by such names nobody is to be judged. */
  readonly names: CertificateNames | undefined;
  /** Hexadecimal, as `openssl x509 -serial` prints it. */
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

const known = Symbol("peer");
type Remembering = Socket & { [known]?: Peer };

/** The peer of a connection; the sockets that HTTP/2 hands out reach the same one. */
export function peerOf(socket: Socket): Peer {
  const remembering: Remembering = socket;
  return (remembering[known] ??= describe(socket, socket.remoteAddress ?? "", socket.remotePort ?? 0));
}

/** Notes the address that a PROXY header gave, before anybody asks for the peer of the connection. */
export function rememberPeer(socket: Socket, address: string, port: number): void {
  const remembering: Remembering = socket;
  remembering[known] = describe(socket, address, port);
}

function describe(socket: Socket, remote: string, port: number): Peer {
  const address = remote.startsWith("::ffff:") ? remote.slice(7) : remote;
  if (!isTls(socket)) return { address, port };
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  return {
    address,
    port,
    tls: {
      version: socket.getProtocol() ?? "",
      cipher: socket.getCipher().name,
      alpn: socket.alpnProtocol || "http/1.1",
      ...(typeof socket.servername === "string" && { sni: socket.servername }),
      ...(certificate && { certificate: thumbprint(certificate.raw), says: factsOf(certificate) }),
    },
  };
}

function factsOf({ raw, serialNumber, validFromDate, validToDate }: X509Certificate): CertificateFacts {
  const times = { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
  try {
    return { names: certificateNames(raw), serial: serialNumber, ...times };
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    return { names: undefined, serial: serialNumber, ...times };
  }
}

const isTls = (socket: Socket): socket is TLSSocket & { servername?: string } => "encrypted" in socket;
