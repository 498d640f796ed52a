import { z } from "zod";
import { duration, path } from "../config/fields.ts";
import { secret } from "../config/secret.ts";

/** The `store` section: what gateways share. The memory of one process needs nothing; Redis is for more than one. */
export const storeSchema = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("memory"),
      maxEntries: z.int().min(1).max(10_000_000).default(100_000).meta({
        description: "A full store refuses new keys rather than forget a live one.",
      }),
    }),
    z.strictObject({
      type: z.literal("redis"),
      url: secret().meta({
        description: "A secret, such as ${env:REDIS_URL}: redis://:password@host:6379/0, or rediss:// for TLS.",
      }),
      prefix: z.string().max(64).default("tandem:").meta({ description: "Before every key and channel." }),
      ca: path().optional().meta({
        description:
          "Whom the certificate of a rediss:// server must come from; the system's authorities by default. Absolute or relative to this file.",
      }),
      timeout: duration({ min: "1ms", max: "10s" }).prefault("150ms").meta({ description: "For one command." }),
    }),
  ])
  .prefault({ type: "memory" });

/** Which store, and how to reach it. */
export type StoreOptions = z.output<typeof storeSchema>;
