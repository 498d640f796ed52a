import { duration } from "@tandem/platform/config/fields";
import { isWithoutCredentials, noUrlCredentials } from "@tandem/platform/config/url-credentials";
import { z } from "zod";

/** Which requests are traced, where the spans go, and how many traces this process keeps for `tandem trace`. */
export const tracesSchema = z
  .strictObject({
    otlp: z
      .url({ protocol: /^https?$/ })
      .refine(isWithoutCredentials, noUrlCredentials)
      .optional()
      .meta({ description: "An OTLP/HTTP collector, such as http://jaeger:4318; without one, traces stay in memory." }),
    sample: z.number().min(0).max(1).default(0.1).meta({ description: "The share of new traces that is exported." }),
    slow: duration({ min: "1ms" })
      .optional()
      .meta({ description: "A request that takes this long is exported even when it was not sampled." }),
    keep: z
      .int()
      .min(0)
      .max(10_000)
      .default(200)
      .meta({ description: "How many of the latest traces are kept in memory." }),
  })
  .prefault({});

export type TracesOptions = z.infer<typeof tracesSchema>;
