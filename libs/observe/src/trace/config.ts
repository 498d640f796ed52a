import { isScope, scopePattern } from "@tandem/contracts/scope";
import { duration } from "@tandem/platform/config/fields";
import { isWithoutCredentials, noUrlCredentials } from "@tandem/platform/config/url-credentials";
import { z } from "zod";

const scope = z.string().meta({ pattern: scopePattern.source }).refine(isScope, "is no scope");

const debug = z
  .strictObject({
    scopes: z.array(scope).min(1).optional().meta({ description: "The caller needs all of these scopes." }),
    roles: z.array(z.string().min(1).max(256)).min(1).optional().meta({ description: "And one of these roles." }),
  })
  .refine(({ scopes, roles }) => scopes !== undefined || roles !== undefined, "names neither scopes nor roles");

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
    debug: debug.optional().meta({
      description:
        "Who may have a request traced with `tandem-debug: trace`; the security tier decides. Default: nobody.",
    }),
    keep: z
      .int()
      .min(0)
      .max(10_000)
      .default(200)
      .meta({ description: "How many of the latest traces are kept in memory." }),
  })
  .prefault({});

export type TracesOptions = z.infer<typeof tracesSchema>;
