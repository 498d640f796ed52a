import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";
import { serviceNameField } from "../discovery/config.ts";
import type { LeadingRoute } from "./services-of.ts";
import { matchSchema } from "./match-fields.ts";

/** The keys of a route, except `allow`: who may take it is the policy's. */
export const routeFields = {
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
    .register(expectations, { expected: "a name: lower-case letters, digits and dashes, at most 64" })
    .meta({ description: "Names the route in logs, metrics and traces." }),
  match: matchSchema.meta({ description: "What a request must be like; all that is named must hold." }),
  service: serviceNameField
    .optional()
    .meta({ description: "The service that answers. In its place: split, or redirect." }),
};

/** What a request must be like to take a route. */
export type RouteMatch = z.output<typeof matchSchema>;

/** A route without what the policy says of it. */
export interface RouteOptions extends LeadingRoute {
  readonly name: string;
  readonly match: RouteMatch;
}
