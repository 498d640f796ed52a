import { ecsVersion } from "@tandem/platform/log/json-line";
import { z } from "zod";

/** Whole numbers of bytes, milliseconds and the like. */
export const count = () => z.int().nonnegative();

/** What every line has, whoever writes it. */
export const commonFields = (dataset: "request" | "connection" | "process") => ({
  "@timestamp": z.iso.datetime({ precision: 3 }).meta({ description: "When it began, or happened." }),
  "log.level": z.enum(["error", "warn", "info", "debug"]),
  message: z.string().meta({ description: "For a person." }),
  "ecs.version": z.literal(ecsVersion),
  "event.dataset": z.literal(`tandem.${dataset}`).meta({ description: "Tells these lines from all others." }),
});

/** Which process wrote it. */
export const originFields = {
  "service.name": z.string().meta({ description: "Such as security-gateway." }),
  "service.node.name": z.string().meta({ description: "Tells the replicas of a tier apart." }),
  "tandem.tier": z.string().meta({ description: "security or routing." }),
};

/** The connection: who is at its other end, and how it is protected. */
export const peerFields = {
  "client.address": z.string().optional().meta({ description: "The address taken for the client's." }),
  "source.ip": z.string().optional().meta({ description: "The other end of the connection, where that is not it." }),
  "source.port": count().optional(),
  "tandem.connection.id": z
    .string()
    .optional()
    .meta({ description: "In the lines of the connection and of its requests; unique within an instance." }),
  "tls.version": z.string().optional().meta({ description: "Such as 1.3; absent in the clear." }),
  "tls.cipher": z.string().optional(),
  "tls.next_protocol": z.string().optional().meta({ description: "As ALPN agreed." }),
  "tls.client.server_name": z.string().optional().meta({ description: "The name that the client asked for (SNI)." }),
};
