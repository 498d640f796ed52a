import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";

/** The `revocation` section of the security tier. */
export const revocationSchema = z
  .strictObject({
    whenBlind: z.enum(["refuse", "accept"]).default("refuse").meta({
      description: "What becomes of callers with a credential while the store cannot say what was revoked.",
    }),
    blindAfter: duration({ min: "1s", max: "24h" }).prefault("10s").meta({
      description: "How long the store may be silent before that.",
    }),
    pollEvery: duration({ min: "50ms", max: "500ms" }).prefault("250ms").meta({
      description: "How often each gateway asks for news, beside being told.",
    }),
    keep: duration({ min: "1m", max: "400d" }).prefault("30d").meta({
      description: "How long a revocation counts where nobody says so: at least as long as any credential is valid.",
    }),
    maxEntries: z.int().min(10).max(1_000_000).default(100_000).meta({
      description: "How many revocations a gateway holds.",
    }),
  })
  .prefault({})
  .meta({ description: "How credentials are taken back before they expire." });

/** How revocations are shared, and what holds while they are not. */
export type RevocationOptions = z.output<typeof revocationSchema>;
