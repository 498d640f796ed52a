import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";
import { statusesField } from "./statuses.ts";

const howOften = {
  interval: duration({ min: "100ms", max: "1h" }).prefault("10s").meta({ description: "From one probe to the next." }),
  edgeInterval: duration({ min: "100ms", max: "1h" })
    .prefault("2s")
    .meta({ description: "The same while the instance is unproven, failing, or about to change." }),
  timeout: duration({ min: "10ms", max: "1m" })
    .prefault("2s")
    .meta({ description: "For a whole probe, from the connection to the end of the answer." }),
  healthyAfter: z.int().min(1).max(100).default(2).meta({ description: "Good probes in a row that end a failure." }),
  unhealthyAfter: z.int().min(1).max(100).default(3).meta({ description: "Bad probes in a row that begin one." }),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .meta({ description: "The part of an interval by which it is drawn shorter or longer." }),
};

const probePath = z
  .string()
  .regex(/^\/[!-~]*$/)
  .max(1024)
  .meta({ description: "What is asked for, with its query." });

const hostField = z
  .string()
  .regex(/^[A-Za-z0-9._:[\]-]{1,255}$/)
  .optional()
  .meta({ description: "The Host that is sent. Default: the address of the instance." });

const probe = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("http"),
      path: probePath,
      host: hostField,
      expect: statusesField().prefault(["200-299"]).meta({ description: "The statuses of a healthy instance." }),
      ...howOften,
    }),
    z.strictObject({ type: z.literal("tcp"), ...howOften }),
  ])
  .superRefine(({ interval, edgeInterval }, context) => {
    if (edgeInterval <= interval) return;
    const message = "it would be slower than the ordinary interval";
    context.addIssue({ code: "custom", path: ["edgeInterval"], message, params: { expected: "at most `interval`" } });
  });

const ratio = z.strictObject({
  share: z.number().gt(0).max(1).meta({ description: "Ejected when at least this part of its answers failed…" }),
  window: duration({ min: "1s", max: "1h" }).prefault("30s").meta({ description: "…within this time…" }),
  minRequests: z.int().min(1).max(1_000_000).default(50).meta({ description: "…and there were at least so many." }),
});

const outlier = z
  .strictObject({
    failures: z.int().min(1).max(1000).default(5).meta({ description: "Failures in a row that eject an instance." }),
    ratio: ratio.optional().meta({ description: "Eject by the share of failures as well." }),
    base: duration({ min: "100ms", max: "1h" })
      .prefault("30s")
      .meta({ description: "How long the first ejection lasts; the second lasts twice that, and so on." }),
    most: duration({ min: "100ms", max: "24h" }).prefault("5m").meta({ description: "The longest ejection." }),
    minHealthy: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .meta({ description: "Nobody is ejected where fewer healthy instances than this would be left." }),
  })
  .superRefine(({ base, most }, context) => {
    if (base <= most) return;
    const message = "the first ejection would be longer than the longest";
    context.addIssue({ code: "custom", path: ["most"], message, params: { expected: "at least `base`" } });
  });

/** The `health` of a service. */
export const healthSchema = z
  .strictObject({
    probe: probe.optional().meta({ description: "Asks each instance regularly. Default: nobody is asked." }),
    outlier: z
      .union([z.literal(false), outlier])
      .prefault({})
      .meta({ description: "Ejects instances whose answers fail; false never does." }),
    failing: statusesField()
      .prefault(["502-504"])
      .meta({ description: "Answers that count against an instance, beside time-outs and broken connections." }),
    panic: z.int().min(0).max(1000).default(1).meta({
      description: "With fewer healthy instances than this, requests go to all that discovery names; 0 never does.",
    }),
  })
  .prefault({})
  .meta({ description: "How sick instances are told from healthy ones." });

export type HealthOptions = z.output<typeof healthSchema>;
export type ProbeOptions = NonNullable<HealthOptions["probe"]>;
export type OutlierOptions = Exclude<HealthOptions["outlier"], false>;
