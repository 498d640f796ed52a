import type { ClosedConnection } from "@tandem/kernel/listener/connection-event";

export const thumbprint = Buffer.alloc(32, 0xa5).toString("base64url");

/** A connection over TLS, behind a balancer, with a client certificate: one that went well. */
export const closed = (more: Partial<ClosedConnection> = {}): ClosedConnection => ({
  kind: "closed",
  id: "abcd-1",
  endedAt: 1_700_000_000_123,
  duration: 1500.25,
  end: "client-closed",
  detail: undefined,
  source: { address: "192.0.2.1", port: 1234 },
  proxied: { address: "203.0.113.9", port: 40_000 },
  tls: {
    established: true,
    version: "TLSv1.3",
    cipher: "TLS_AES_128_GCM_SHA256",
    sni: "api.example.test",
    alpn: "h2",
    resumed: false,
    certificate: {
      verified: true,
      thumbprint,
      says: {
        names: {
          subject: { CN: ["tier"], O: [], OU: [] },
          issuer: { CN: ["tests"], O: [], OU: [] },
          alternative: { uri: [], dns: [], email: [], ip: [] },
        },
        serial: "0A",
        notBefore: 1_700_000_000_000,
        notAfter: 1_700_086_400_000,
      },
    },
  },
  protocol: "h2",
  requests: 3,
  upgraded: false,
  bytesIn: 1800,
  bytesOut: 2700,
  ...more,
});
