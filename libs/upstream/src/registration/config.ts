import { isIP } from "node:net";
import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";
import { serviceNameField } from "../discovery/config.ts";
import { originOf } from "../discovery/origin.ts";

const anAddress = "an address or a host name, without scheme and port";

/** The `register` section: how this instance announces itself in Consul. */
export const registerSchema = z.strictObject({
  service: serviceNameField.default("routing-gateway").meta({ description: "What others find it under." }),
  address: z
    .string()
    .refine((text) => isIP(text) !== 0 || originOf("http", text, 80) !== undefined, {
      params: { expected: anAddress },
      message: "nobody could connect there",
    })
    .optional()
    .meta({ description: "Where others reach it. Default: what the host name resolves to." }),
  ttl: duration({ min: "1s", max: "1m" })
    .prefault("5s")
    .meta({ description: "Without a word for so long it counts as dead; it speaks three times in it." }),
});
