import { connectionFields, clientTlsSchema, protocolField } from "../connections/connection-fields.ts";
import type { z } from "zod";

/** The keys with which a service says how it is connected to; the rest of its section is discovery's and balance's. */
export const serviceFields = {
  ...connectionFields({ timeout: "15s", idleTimeout: "1m" }),
  protocol: protocolField,
  tls: clientTlsSchema.optional().meta({ description: "How instances at https:// origins are trusted." }),
};

/** How one service is connected to. */
export type ServiceConnectionOptions = z.output<z.ZodObject<typeof serviceFields>>;
