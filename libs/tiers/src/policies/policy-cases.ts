import { isIP } from "node:net";
import type { Exchange } from "@tandem/kernel/exchange";
import { loadConfig, type LoadResult } from "@tandem/platform/config/load-config";
import { nearest } from "@tandem/platform/config/nearest";
import { z } from "zod";

const text = z.string().min(1);
const methods = [
  "jwt",
  "opaque",
  "client-secret",
  "api-key",
  "certificate",
] as const satisfies Exchange["principal"]["method"][];
const texts = z.array(text).default([]);

const principal = z.union([
  z.literal("anonymous"),
  z.strictObject({
    subject: text,
    client: text.optional(),
    scopes: texts,
    roles: texts,
    audiences: texts.optional(),
    tenant: text.optional(),
    method: z.enum(methods).default("jwt"),
    issuer: text.optional(),
  }),
]);

const request = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Z]+$/)
    .default("GET"),
  path: z.string().startsWith("/").optional(),
  host: text.default("localhost"),
  headers: z.record(z.string().regex(/^[a-z0-9-]+$/), z.union([z.string(), z.array(z.string()).min(1)])).default({}),
  address: z
    .string()
    .refine((address) => isIP(address) !== 0, "no address")
    .default("127.0.0.1"),
  time: z.iso.datetime({ offset: true }).optional(),
});

const schema = z.strictObject({
  cases: z
    .array(
      z
        .strictObject({
          name: text,
          principal: principal.default("anonymous"),
          request: request.prefault({}),
          route: text.optional(),
          expect: z.enum(["allow", "deny"]),
          rule: text.optional(),
        })
        .refine(
          ({ request: { path }, route }) => path !== undefined || route !== undefined,
          "a request without a path needs a route",
        ),
    )
    .min(1),
});

/** One line of a table of cases: who asks for what, and what is to be decided. */
export type PolicyCase = z.output<typeof schema>["cases"][number];

/** Reads a file of cases; `routes` are those that a case may name. */
export function loadPolicyCases(file: string, routes: readonly string[]): LoadResult<{ cases: readonly PolicyCase[] }> {
  return loadConfig({
    file,
    schema,
    require: ["cases"],
    checks: [
      ({ cases }) =>
        cases.flatMap(({ route }, index) => {
          if (route === undefined || routes.includes(route)) return [];
          const suggestion = nearest(route, routes);
          return [
            {
              path: ["cases", index, "route"],
              message: `there is no route ${route}`,
              ...(suggestion !== undefined && { suggestion }),
            },
          ];
        }),
    ],
  });
}
