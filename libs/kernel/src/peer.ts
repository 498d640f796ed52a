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
  /** What the log of this process calls the connection; absent where no listener took it. */
  readonly connection?: string;
  /** Set when the framing of a request was ambiguous: nothing that follows it on this connection is believed. */
  distrusted?: true;
  /** What the log lines of its requests say of it, written once for all of them. */
  inLog?: { readonly source: string; readonly tls: string };
  readonly tls?: {
    readonly version: string;
    readonly cipher: string;
    readonly alpn: string;
    readonly sni?: string;
    /** The handshake went on from an earlier one. */
    readonly resumed?: true;
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

/** A certificate by its thumbprint, and what it says. */
export interface ShownCertificate {
  readonly certificate: string;
  readonly says: CertificateFacts;
}

const known = Symbol("peer");
type Remembering = Socket & { [known]?: Peer };

/** The peer of a connection; the sockets that HTTP/2 hands out reach the same one. */
export function peerOf(socket: Socket): Peer {
  const remembering: Remembering = socket;
  return (remembering[known] ??= describe(socket, ends(socket)));
}

/** Notes what the listener knows of a connection, before anybody asks for its peer; a PROXY header may give another address. */
export function rememberPeer(socket: Socket, connection: string, client: Ends = ends(socket)): Peer {
  const remembering: Remembering = socket;
  return (remembering[known] = describe(socket, client, connection));
}

interface Ends {
  readonly address: string;
  readonly port: number;
}

const ends = ({ remoteAddress = "", remotePort = 0 }: Socket): Ends => ({ address: remoteAddress, port: remotePort });

/** An IPv4 address as such, also where the socket is one of IPv6. */
export const plainAddress = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);

function describe(socket: Socket, { address: remote, port }: Ends, connection?: string): Peer {
  const address = plainAddress(remote);
  const name = connection !== undefined && { connection };
  if (!isTls(socket)) return { address, port, ...name };
  const certificate = socket.authorized ? certificateOf(socket) : undefined;
  return {
    address,
    port,
    ...name,
    tls: {
      version: socket.getProtocol() ?? "",
      cipher: socket.getCipher().name,
      alpn: socket.alpnProtocol || "http/1.1",
      ...(typeof socket.servername === "string" && { sni: socket.servername }),
      ...(socket.isSessionReused() && { resumed: true }),
      ...certificate,
    },
  };
}

/** The certificate that the other end showed, verified or not. */
export function certificateOf(socket: TLSSocket): ShownCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate && shownBy(certificate);
}

/** The same of a certificate that is at hand. */
export const shownBy = (certificate: X509Certificate): ShownCertificate => ({
  certificate: thumbprint(certificate.raw),
  says: factsOf(certificate),
});

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
