import { hostPattern, pathPattern } from "@tandem/kernel/patterns/pattern-fields";
import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";
import { serviceNameField } from "../discovery/config.ts";

/** The methods that a route may name; a mistyped one would be a rule that never fires. */
const method = z.enum([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "QUERY",
  "PROPFIND",
  "PROPPATCH",
  "MKCOL",
  "COPY",
  "MOVE",
  "LOCK",
  "UNLOCK",
  "REPORT",
  "SEARCH",
]);

const matchSchema = z.strictObject({
  path: z.union([pathPattern(), z.array(pathPattern()).min(1)]).meta({
    description: "/exact, /items/{id}, /items/*, /orders/** (which is /orders and all below), or a list of them.",
  }),
  methods: z.array(method).min(1).optional().meta({ description: "GET implies HEAD. Default: every method." }),
  host: hostPattern().optional().meta({ description: "api.example.com or *.example.com. Default: every host." }),
});

/** The keys of a route, except `allow`: who may take it is the policy's. */
export const routeFields = {
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
    .register(expectations, { expected: "a name: lower-case letters, digits and dashes, at most 64" })
    .meta({ description: "Names the route in logs, metrics and traces." }),
  match: matchSchema,
  service: serviceNameField.meta({ description: "The service that answers." }),
};

/** What a request must be like to take a route. */
export type RouteMatch = z.output<typeof matchSchema>;

/** A route without what the policy says of it. */
export interface RouteOptions {
  readonly name: string;
  readonly match: RouteMatch;
  readonly service: string;
}
