import { bytes, duration } from "@tandem/platform/config/fields";
import { z } from "zod";
import { idempotent, type Trouble } from "./retry-policy.ts";

const troubles = z.union([
  z.enum(["connect", "reset", "timeout"]),
  z.literal([408, 425, 429, 500, 502, 503, 504]),
]) satisfies z.ZodType<Trouble>;

const backOff = z
  .strictObject({
    first: duration({ min: "0ms", max: "10s" })
      .prefault("25ms")
      .meta({ description: "The longest pause before the first retry; it doubles with each further one." }),
    most: duration({ min: "0ms", max: "1m" })
      .prefault("250ms")
      .meta({ description: "No pause is longer. A Retry-After that asks for more is passed on instead." }),
  })
  .superRefine(({ first, most }, context) => {
    if (first > most)
      context.addIssue({ code: "custom", path: ["first"], message: "the first pause is longer than most allows" });
  });

const budget = z.strictObject({
  ratio: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .meta({ description: "Retries and hedges for each request of the last ten seconds." }),
  min: z
    .int()
    .min(0)
    .max(1000)
    .default(10)
    .meta({ description: "This many a second on top, so that few requests are retried as well." }),
});

const retry = z.strictObject({
  attempts: z.int().min(1).max(5).default(2).meta({ description: "Tries in all; 1 means no retry." }),
  on: z.array(troubles).min(1).default(["connect", "reset"]).meta({
    description:
      "Which failures: connect (certainly not acted on), reset (broke off before an answer), timeout, or a status.",
  }),
  methods: z
    .array(z.enum([...idempotent, "PATCH", "POST"]))
    .min(1)
    .default([...idempotent])
    .meta({
      description: "Methods that may be sent twice. What was never sent is retried whatever its method.",
    }),
  backOff: backOff.prefault({}).meta({ description: "The pause before a retry, drawn by lot." }),
  budget: budget.prefault({}).meta({ description: "The most that retries and hedges add to the service's load." }),
  bodyLimit: bytes({ max: "1MiB" }).prefault("64KiB").meta({
    description: "Bodies with a declared length up to this are held, so that they can be sent again. 0B: none.",
  }),
});

/** The keys with which a service says how long all of it may take, and when it is asked again. */
export const resilienceFields = {
  tryTimeout: duration({ min: "10ms", max: "24h" })
    .optional()
    .meta({ description: "To the end of the answer of one try, whatever comes meanwhile. Default: none." }),
  totalTimeout: duration({ min: "10ms", max: "24h" })
    .optional()
    .meta({ description: "From the request's arrival to the end of its answer, retries included. Default: none." }),
  retry: retry.prefault({}).meta({ description: "When a request is sent to another instance." }),
  hedge: z
    .strictObject({
      after: duration({ min: "5ms", max: "1m" }).meta({
        description: "Without a first byte for this long, another instance is asked too; the first answer counts.",
      }),
    })
    .optional()
    .meta({ description: "For GET and HEAD without a body. Default: nobody is asked twice." }),
};

/** How a hop persists; what is left out is not done. */
export type ResilienceOptions = Partial<z.output<z.ZodObject<typeof resilienceFields>>>;

/** Names the times that could never run out, because another one always does before. */
export function refuseDeadTimes(
  { timeout, tryTimeout, totalTimeout, hedge }: ResilienceOptions & { readonly timeout: number },
  context: z.RefinementCtx,
): void {
  const refuse = (path: string[], message: string): void => context.addIssue({ code: "custom", path, message });
  const shortest = Math.min(timeout, tryTimeout ?? Infinity, totalTimeout ?? Infinity);
  if (tryTimeout !== undefined && totalTimeout !== undefined && tryTimeout > totalTimeout)
    refuse(["tryTimeout"], "it never runs out, because totalTimeout does before");
  if (hedge && hedge.after >= shortest) refuse(["hedge", "after"], "the request has timed out before");
}
