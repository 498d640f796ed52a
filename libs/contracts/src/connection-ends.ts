/** Every word by which a log line or a figure says why a connection ended. There is no other. */
export const connectionEnds = {
  "broken-off": "We broke off an answer that could not be finished",
  "calm-down": "HTTP/2: it made more work than it was worth (ENHANCE_YOUR_CALM)",
  "certificate-refused": "The certificate that the client showed is not accepted",
  "client-closed": "The client closed it",
  "client-lost": "The client is no longer there: nothing that was sent arrived",
  "client-reset": "The client reset it",
  drain: "This gateway is leaving, and nothing was under way any more",
  "drain-forced": "This gateway is leaving, and what was under way did not end in time",
  goaway: "HTTP/2: the client said that it leaves (GOAWAY)",
  "handshake-failed": "There was no TLS: `tandem.connection.handshake` says why",
  "head-timeout": "The head of a request did not come in time, or none at all",
  idle: "Nothing moved for too long while a request, or a WebSocket, was under way",
  "keep-alive": "Nothing further was asked for long enough",
  "last-answer": "An answer said that it was the last: the client wanted that, or its request was refused",
  "protocol-error": "What came is no HTTP",
  "proxy-refused": "Without a PROXY header, or not from a listed balancer",
  "request-limit": "It has carried as many requests as a connection may",
  "request-timeout": "The body of a request did not come in time",
  "tls-error": "The encryption broke after the handshake",
  "tunnel-aged": "A WebSocket was open for as long as one may be",
  "tunnel-ended": "A WebSocket came to its end",
  unused: "It ended before a byte came: a health check, a port scan; counted, and told at debug alone",
} as const satisfies Record<string, string>;

export type ConnectionEnd = keyof typeof connectionEnds;

const failed: ReadonlySet<ConnectionEnd> = new Set([
  "broken-off",
  "calm-down",
  "certificate-refused",
  "client-lost",
  "client-reset",
  "drain-forced",
  "handshake-failed",
  "head-timeout",
  "idle",
  "protocol-error",
  "proxy-refused",
  "request-timeout",
  "tls-error",
] as const);

/** Somebody did not get what the connection was for. */
export const isFailedEnd = (end: ConnectionEnd): boolean => failed.has(end);

/** Every word for why a TLS handshake came to nothing. There is no other. */
export const handshakeFailures = {
  "certificate-expired": "The client's certificate is too old",
  "certificate-invalid": "The client's certificate, or its chain, is not acceptable",
  "certificate-not-yet-valid": "The client's certificate is not valid yet",
  "certificate-required": "The client showed no certificate",
  "certificate-revoked": "The client's certificate was taken back",
  "certificate-unknown-authority": "Nobody whom we trust vouches for the client's certificate",
  "certificate-unchecked": "There is no good revocation list to hold the client's certificate against",
  "client-closed": "The client closed the connection, perhaps because it does not accept our certificate",
  "client-refused": "The client sent an alert",
  "client-refused-certificate": "The client does not accept our certificate, and said so",
  "client-reset": "The client reset the connection",
  "no-shared-cipher": "The two sides have no cipher, key exchange or signature in common",
  "no-shared-protocol": "The client offers no application protocol that is spoken here (ALPN)",
  "not-tls": "What came is no TLS, but perhaps plain HTTP",
  "protocol-version": "The client wants a version of TLS that is not spoken here",
  timeout: "It was not done in time",
  other: "For another reason; `error.code` is what OpenSSL says",
} as const satisfies Record<string, string>;

export type HandshakeFailure = keyof typeof handshakeFailures;
