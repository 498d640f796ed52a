import { connectionEnds, handshakeFailures } from "@tandem/contracts/connection-ends";
import { z } from "zod";
import { commonFields, count, originFields, peerFields } from "./line-fields.ts";

const reasons = z.enum(Object.keys(connectionEnds));

/** The line of one connection that has ended, or of those beyond the limit. */
export const connectionLine = z.strictObject({
  ...commonFields("connection"),
  ...originFields,
  "event.action": z.enum(["connection-closed", "connection-refused", "connections-dropped"]),
  "event.outcome": z.enum(["success", "failure"]),
  "event.reason": reasons.optional().meta({ description: "Why it ended; absent of those dropped beyond the limit." }),
  "event.duration": count().optional().meta({ description: "Nanoseconds from beginning to end." }),
  "error.code": z.string().optional().meta({ description: "What OpenSSL, the system or the parser said." }),
  ...peerFields,
  "client.port": count().optional(),
  "source.bytes": count().optional().meta({ description: "From the client on the wire, TLS included." }),
  "destination.bytes": count().optional().meta({ description: "To the client on the wire, TLS included." }),
  "network.protocol": z.literal("http").optional().meta({ description: "Absent where it never came to HTTP." }),
  "http.version": z.enum(["1.1", "2"]).optional(),
  "tls.version_protocol": z.literal("tls").optional(),
  "tls.established": z.boolean().optional(),
  "tls.resumed": z.boolean().optional(),
  "tls.client.x509.subject.common_name": z.array(z.string()).min(1).optional(),
  "tls.client.x509.issuer.common_name": z.array(z.string()).min(1).optional(),
  "tls.client.x509.serial_number": z.string().optional(),
  "tls.client.hash.sha256": z
    .string()
    .regex(/^[0-9A-F]{64}$/)
    .optional(),
  "tls.client.not_before": z.iso.datetime({ precision: 3 }).optional(),
  "tls.client.not_after": z.iso.datetime({ precision: 3 }).optional(),
  "tandem.connection.thumbprint": z.string().optional().meta({ description: "The hash as revocations write it." }),
  "tandem.connection.verified": z.boolean().optional().meta({ description: "The certificate is accepted." }),
  "tandem.connection.requests": count().optional(),
  "tandem.connection.upgraded": z.boolean().optional(),
  "tandem.connection.proxy": z
    .enum(["client", "itself"])
    .optional()
    .meta({ description: "Whom the PROXY header names; itself: the balancer, as for a health check." }),
  "tandem.connection.handshake": z
    .enum(Object.keys(handshakeFailures))
    .optional()
    .meta({ description: "Why there is no TLS." }),
  "tandem.connection.dropped": count().optional().meta({ description: "How many, beyond the limit." }),
});
