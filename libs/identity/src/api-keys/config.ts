import { duration, path } from "@tandem/platform/config/fields";
import { z } from "zod";

const overlap = duration({ max: "30d" })
  .prefault("24h")
  .meta({ description: "How long the secret of before a rotation stays good." });

/** The `apiKeys` of the security tier: where they are kept. Without it no key is accepted. */
export const apiKeysSchema = z
  .union([
    z.strictObject({ file: path(), overlap }),
    z.strictObject({
      store: z.literal(true).meta({ description: "In the store, for all gateways." }),
      overlap,
    }),
  ])
  .optional()
  .meta({ description: "API keys, in the header X-API-Key." });

export type ApiKeysOptions = NonNullable<z.output<typeof apiKeysSchema>>;
