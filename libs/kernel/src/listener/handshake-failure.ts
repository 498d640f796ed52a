import type { HandshakeFailure } from "@tandem/contracts/connection-ends";

/** Why a handshake failed, and in the words of OpenSSL or of the system. */
export interface FailedHandshake {
  readonly failure: HandshakeFailure;
  readonly code: string;
}

/** Puts what Node says of a handshake that failed into one of our words. */
export function handshakeFailureOf(error: NodeJS.ErrnoException): FailedHandshake {
  const { code = "", syscall } = error;
  // Node calls the end of a connection by the same name; only what the system says has the name of a call.
  if (code === "ECONNRESET" && syscall === undefined) return { failure: "client-closed", code: "" };
  return { failure: failures[code] ?? alertOf(code), code };
}

/** Puts what OpenSSL says of a certificate into one of our words. */
export function certificateFailureOf(code: string): FailedHandshake {
  return { failure: verdicts[code] ?? (code.includes("CRL") ? "certificate-unchecked" : "certificate-invalid"), code };
}

const failures: Readonly<Record<string, HandshakeFailure>> = {
  ECONNRESET: "client-reset",
  EPIPE: "client-reset",
  ERR_TLS_HANDSHAKE_TIMEOUT: "timeout",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "certificate-required",
  ERR_SSL_NO_SHARED_CIPHER: "no-shared-cipher",
  ERR_SSL_NO_SHARED_GROUP: "no-shared-cipher",
  ERR_SSL_NO_SUITABLE_GROUPS: "no-shared-cipher",
  ERR_SSL_NO_SUITABLE_KEY_SHARE: "no-shared-cipher",
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: "no-shared-cipher",
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: "no-shared-cipher",
  ERR_SSL_NO_APPLICATION_PROTOCOL: "no-shared-protocol",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "protocol-version",
  ERR_SSL_VERSION_TOO_LOW: "protocol-version",
  ERR_SSL_INAPPROPRIATE_FALLBACK: "protocol-version",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "protocol-version",
  ERR_SSL_HTTP_REQUEST: "not-tls",
  ERR_SSL_HTTPS_PROXY_REQUEST: "not-tls",
  ERR_SSL_WRONG_VERSION_NUMBER: "not-tls",
  ERR_SSL_BAD_RECORD_TYPE: "not-tls",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "not-tls",
  ERR_SSL_RECORD_LENGTH_MISMATCH: "not-tls",
};

const verdicts: Readonly<Record<string, HandshakeFailure>> = {
  CERT_HAS_EXPIRED: "certificate-expired",
  CERT_NOT_YET_VALID: "certificate-not-yet-valid",
  CERT_REVOKED: "certificate-revoked",
  CERT_UNTRUSTED: "certificate-unknown-authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate-unknown-authority",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate-unknown-authority",
  UNABLE_TO_GET_ISSUER_CERT: "certificate-unknown-authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate-unknown-authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate-unknown-authority",
};

/** RFC 8446 §6.2: an alert says what the client thinks of us; those of a certificate have it, or its authority, in their names. */
function alertOf(code: string): HandshakeFailure {
  if (!/_ALERT_/.test(code)) return "other";
  return /_CERTIFICATE|_UNKNOWN_CA/.test(code) ? "client-refused-certificate" : "client-refused";
}
