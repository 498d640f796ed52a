import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";

/** The `breaker` of a service; without one there is none. */
export const breakerSchema = z
  .strictObject({
    failures: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .meta({ description: "An instance gets a rest when at least this part of its answers failed…" }),
    window: duration({ min: "1s", max: "1h" }).prefault("10s").meta({ description: "…within this time…" }),
    minRequests: z.int().min(1).max(1_000_000).default(20).meta({ description: "…and there were at least so many." }),
    rest: duration({ min: "100ms", max: "1h" })
      .prefault("10s")
      .meta({ description: "How long it gets nothing at all; then it is tried." }),
    trials: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .meta({ description: "Requests in a row, one at a time, that must go well before it gets its share again." }),
  })
  .optional()
  .meta({ description: "Gives an instance that fails a rest in which it gets nothing. Default: it never does." });

export type BreakerOptions = NonNullable<z.output<typeof breakerSchema>>;
