import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";

const slowStart = z.strictObject({
  window: duration({ min: "1s", max: "1h" })
    .prefault("30s")
    .meta({ description: "How long it takes until it gets its full share." }),
  from: z.number().min(0.01).max(1).default(0.1).meta({ description: "The part of its share that it begins with." }),
});

const limit = z.strictObject({
  requests: z.int().min(1).max(1_000_000).meta({ description: "At once, open upgrades included; none waits." }),
});

/** The keys with which a service says how its traffic is shared out and bounded. */
export const poolFields = {
  slowStart: slowStart.optional().meta({
    description: "Lets an instance that is new or has recovered begin with little. Default: with its full share.",
  }),
  zone: z
    .enum(["any", "prefer"])
    .default("any")
    .meta({ description: "`prefer` keeps requests in the gateway's own zone while its instances can bear them." }),
  limit: limit.optional().meta({ description: "The most the service is asked at once. Default: no limit." }),
};

export type SlowStartOptions = z.output<typeof slowStart>;
export type LimitOptions = z.output<typeof limit>;

/** Where a gateway or an instance stands. */
export const zoneField = z
  .string()
  .regex(/^[!-~]{1,64}$/)
  .meta({ description: "Where this gateway stands, in the words in which discovery says it of instances." });
