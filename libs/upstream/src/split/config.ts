import { distinct } from "@tandem/platform/config/distinct";
import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";
import { keyHeader, requestKeyField } from "../balance/request-key-fields.ts";
import { serviceNameField } from "../discovery/config.ts";

const callers = z
  .array(z.string().min(1).max(256))
  .min(1)
  .superRefine(distinct("caller", { of: (name) => name }));

const when = z
  .union([
    z.strictObject({
      header: z
        .strictObject({
          name: keyHeader.meta({ description: "In lower case." }),
          value: z.string().min(1).max(256).meta({ description: "The whole of one of its lines." }),
        })
        .meta({ description: "Requests with this header." }),
    }),
    z.strictObject({ client: callers.meta({ description: "Clients that call." }) }),
    z.strictObject({ subject: callers.meta({ description: "Subjects that call." }) }),
  ])
  .register(expectations, {
    expected: "who: { header: { name: x-canary, value: yes } }, { client: [a, b] } or { subject: [a, b] }",
  });

const sides = z
  .array(
    z.strictObject({
      service: serviceNameField.meta({ description: "Who gets this share." }),
      weight: z
        .int()
        .min(0)
        .max(1_000_000)
        .meta({ description: "Its share, relative to the others; 0 for those alone whom `when` names." }),
      when: when.optional().meta({ description: "Who gets here whatever the weights say; the first that fits wins." }),
    }),
  )
  .min(2)
  .superRefine(distinct("service", { of: ({ service }) => service, at: ["service"] }))
  .superRefine((given, context) => {
    for (const [index, side] of given.entries())
      if (side.weight === 0 && !side.when)
        context.addIssue({
          code: "custom",
          path: [index, "weight"],
          message: "nobody gets here: it has no weight and no when",
        });
    if (given.every(({ weight }) => weight === 0))
      context.addIssue({ code: "custom", message: "nobody has a weight: who is in no `when` would get nowhere" });
  });

const by = requestKeyField.clone().register(expectations, {
  expected: "who always gets the same: principal, client, address, { header: x-cart } or { cookie: cart }",
});

const split = z
  .union([
    sides,
    z.strictObject({
      by: by.meta({ description: "What one caller is known by, so that it always gets the same service." }),
      among: sides.meta({ description: "The services, as in the list." }),
    }),
  ])
  .register(expectations, {
    expected:
      "two services or more: [{ service: a, weight: 90 }, { service: b, weight: 10 }], or { by: principal, among: […] }",
  });

/** The key with which a route is shared out among services. */
export const splitFields = {
  split: split
    .transform((given): SplitOptions => (Array.isArray(given) ? { by: undefined, among: given } : given))
    .optional()
    .meta({ description: "Services that share the requests by weight, and who gets to which in any case." }),
};

/** How a route is shared out. */
export interface SplitOptions {
  /** Undefined where each request is drawn for itself. */
  readonly by: z.output<typeof by> | undefined;
  readonly among: z.output<typeof sides>;
}
