import assert from "node:assert/strict";
import { test } from "node:test";
import { handshakeFailures } from "@tandem/contracts/connection-ends";
import { certificateFailureOf, handshakeFailureOf } from "./handshake-failure.ts";

const errorOf = (code: string, syscall?: string) => Object.assign(new Error(), { code, ...(syscall && { syscall }) });

for (const [code, expected] of [
  ["ERR_SSL_NO_SHARED_CIPHER", "no-shared-cipher"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "protocol-version"],
  ["ERR_SSL_NO_APPLICATION_PROTOCOL", "no-shared-protocol"],
  ["ERR_SSL_HTTP_REQUEST", "not-tls"],
  ["ERR_TLS_HANDSHAKE_TIMEOUT", "timeout"],
  ["ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE", "certificate-required"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "client-refused-certificate"],
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "client-refused-certificate"],
  ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "client-refused"],
  ["ECONNRESET", "client-closed"],
  ["ERR_SSL_SOMETHING_NEW", "other"],
] as const)
  test(`${code} in a handshake is ${expected}`, () =>
    assert.equal(handshakeFailureOf(errorOf(code)).failure, expected));

test("a reset that the system tells of is none that Node makes up", () => {
  assert.deepEqual(handshakeFailureOf(errorOf("ECONNRESET", "read")), { failure: "client-reset", code: "ECONNRESET" });
});

for (const [code, expected] of [
  ["CERT_HAS_EXPIRED", "certificate-expired"],
  ["CERT_NOT_YET_VALID", "certificate-not-yet-valid"],
  ["CERT_REVOKED", "certificate-revoked"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate-unknown-authority"],
  ["UNABLE_TO_GET_CRL", "certificate-unchecked"],
  ["CRL_HAS_EXPIRED", "certificate-unchecked"],
  ["INVALID_PURPOSE", "certificate-invalid"],
] as const)
  test(`a certificate that is ${code} is ${expected}`, () => {
    assert.deepEqual(certificateFailureOf(code), { failure: expected, code });
    assert.ok(expected in handshakeFailures);
  });
