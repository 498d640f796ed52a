import { z } from "zod";
import { duration, path } from "../config/fields.ts";
import { secret } from "../config/secret.ts";

/** The `store` section: what gateways share. The memory of one process needs nothing; Redis is for more than one. */
export const storeSchema = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("memory"),
      maxEntries: z.int().min(1).max(10_000_000).default(100_000),
    }),
    z.strictObject({
      type: z.literal("redis"),
      url: secret(),
      prefix: z.string().max(64).default("tandem:"),
      ca: path().optional(),
      timeout: duration({ min: "1ms", max: "10s" }).prefault("150ms"),
    }),
  ])
  .prefault({ type: "memory" });

/** Which store, and how to reach it. */
export type StoreOptions = z.output<typeof storeSchema>;
