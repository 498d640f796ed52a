import { hostPattern, pathPattern } from "@tandem/kernel/patterns/pattern-fields";
import { distinct } from "@tandem/platform/config/distinct";
import { expectations } from "@tandem/platform/config/expectations";
import { bytes } from "@tandem/platform/config/fields";
import { z } from "zod";

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

/** As many as a person can still oversee. */
const mostConditions = 16;

const headerName = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "a header name is lower-case letters, digits and single dashes");
const headerText = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/)
  .register(expectations, { expected: "a header's value: plain ASCII without a blank at either end" });
const headerPrefix = z
  .string()
  .regex(/^[\x21-\x7e][\x20-\x7e]{0,1023}$/)
  .register(expectations, { expected: "plain ASCII without a blank before it" });
const queryText = z.string().min(1).max(1024);
const plainText = z.string().min(1).max(256);

function oneOrMore(text: z.ZodString) {
  return z.union([
    text,
    z
      .array(text)
      .min(1)
      .superRefine(distinct("value", { of: (value) => value })),
  ]);
}

interface ValueFields {
  readonly whole: z.ZodString;
  readonly prefix: z.ZodString;
}

function valueMatch({ whole, prefix }: ValueFields) {
  return z
    .union([
      oneOrMore(whole),
      z.strictObject({ prefix: prefix.meta({ description: "What the value begins with." }) }),
      z.strictObject({ present: z.boolean().meta({ description: "Whether there is one at all." }) }),
    ])
    .register(expectations, { expected: "a value, a list of values, { prefix: … } or { present: true | false }" })
    .meta({ description: "A whole value, a list of them, { prefix: v-, } or { present: false }." });
}

function valueMatches(name: z.ZodString, fields: ValueFields) {
  return z.record(name, valueMatch(fields)).refine((conditions) => {
    const count = Object.keys(conditions).length;
    return count > 0 && count <= mostConditions;
  }, `expected 1 to ${mostConditions} conditions`);
}

const scalar = z.union([z.string().max(1024), z.number(), z.boolean(), z.null()]).register(expectations, {
  expected: "a text, a number, true, false or null",
});

const bodyMatch = z.strictObject({
  pointer: z
    .string()
    .max(256)
    .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, "it is no JSON pointer (RFC 6901): /type, /items/0/kind, /a~1b for a/b")
    .meta({ description: "Where in the JSON to look (RFC 6901): /type, /order/items/0/kind." }),
  is: z
    .union([scalar, z.array(scalar).min(1)])
    .meta({ description: "What must stand there: a text, number, true, false or null, or a list of them." }),
  limit: bytes({ min: "1B", max: "1MiB" })
    .prefault("64KiB")
    .meta({ description: "A longer body is not read, and does not match. Default: 64KiB." }),
});

/** What a request must be like to take a route. */
export const matchSchema = z.strictObject({
  path: z.union([pathPattern(), z.array(pathPattern()).min(1)]).meta({
    description: "/exact, /items/{id}, /items/*, /orders/** (which is /orders and all below), or a list of them.",
  }),
  methods: z.array(method).min(1).optional().meta({ description: "GET implies HEAD. Default: every method." }),
  host: z
    .union([hostPattern(), z.array(hostPattern()).min(1)])
    .optional()
    .meta({ description: "api.example.com, *.example.com, or a list of them. Default: every host." }),
  headers: valueMatches(headerName, { whole: headerText, prefix: headerPrefix }).optional().meta({
    description: "By header: what each must be. A header with several lines must be so in each of them.",
  }),
  query: valueMatches(z.string().min(1).max(256), { whole: queryText, prefix: queryText }).optional().meta({
    description: "By query parameter, decoded: what each must be. One that is repeated must be so each time.",
  }),
  client: oneOrMore(plainText).optional().meta({ description: "The client that calls, or a list of such." }),
  audience: oneOrMore(plainText)
    .optional()
    .meta({ description: "For whom the caller's token is meant, or a list of which one must be named in it." }),
  body: bodyMatch.optional().meta({ description: "What a JSON body must hold; it is read only where all else fits." }),
});

/** What the value of a header or of a query parameter must be. */
export type ValueMatch = NonNullable<z.output<typeof matchSchema>["headers"]>[string];

/** What can stand in JSON without holding anything else. */
export type Scalar = z.output<typeof scalar>;

/** One or more, as a list. */
export const asList = <Item extends Scalar>(items: Item | readonly Item[]): readonly Item[] =>
  isList(items) ? items : [items];

const isList = <Item extends Scalar>(items: Item | readonly Item[]): items is readonly Item[] => Array.isArray(items);
