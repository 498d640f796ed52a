import { z } from "zod";

/** The key with which a route has a share of its own of its traces exported. */
export const samplingFields = {
  trace: z
    .strictObject({
      sample: z.number().min(0).max(1).meta({
        description: "The share of this route's traces that is exported, in place of `traces.sample`.",
      }),
    })
    .optional()
    .meta({ description: "How its requests are traced. Default: as all others." }),
};

/** A route that may have a share of its own. */
export type SampledRoute = z.output<z.ZodObject<typeof samplingFields>> & { readonly name: string };

/** The shares by the name of the route; only those that have one are in the map. */
export function compileSamples(routes: readonly SampledRoute[]): ReadonlyMap<string, number> {
  return new Map(routes.flatMap(({ name, trace }) => (trace ? [[name, trace.sample] as const] : [])));
}
