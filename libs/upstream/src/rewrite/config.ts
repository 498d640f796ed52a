import { compilePath } from "@tandem/kernel/patterns/path-pattern";
import { normaliseHost } from "@tandem/kernel/patterns/normalise-host";
import { PatternError } from "@tandem/kernel/patterns/pattern-error";
import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";
import { requestHeadersField, responseHeadersField } from "./header-fields.ts";
import { pathTemplateField } from "./path-template.ts";

const aHost = "a host in lower case, with its port where it has one: orders.internal, orders.internal:8080";

/** A host that is written into a request or an answer, exactly as it stands. */
export const hostField = () =>
  z
    .string()
    .register(expectations, { expected: aHost })
    .superRefine((text, context) => {
      // As https, so that a port 80 that was written is a port.
      const normal = normaliseHost(text, "https");
      if (typeof normal === "string" || normal.text !== text)
        context.addIssue({
          code: "custom",
          message: `found ${JSON.stringify(text)}`,
          params: { expected: aHost },
        });
    });

const prefix = z.string().superRefine((text, context) => {
  try {
    const { literal, rest } = compilePath(text);
    if (!rest && literal !== undefined && literal !== "") return;
    context.addIssue({ code: "custom", message: `found "${text}"`, params: { expected: "a prefix of text: /api" } });
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    context.addIssue({ code: "custom", message: error.message, params: { expected: "a prefix: /api, /api/v1" } });
  }
});

const queryName = z
  .string()
  .regex(/^[A-Za-z0-9_.~-]{1,128}$/, "the name of a query parameter is letters, digits, dots, dashes, underscores");
const queryValue = z
  .string()
  .max(1024)
  .refine((value) => value.isWellFormed(), "half a surrogate pair cannot be encoded");

const query = z
  .strictObject({
    set: z.record(queryName, queryValue).optional().meta({ description: "In place of all values there were." }),
    remove: z.array(queryName).min(1).optional().meta({ description: "All values of these names." }),
  })
  .superRefine(({ set = {}, remove = [] }, context) => {
    for (const [index, name] of remove.entries())
      if (Object.hasOwn(set, name) || remove.indexOf(name) < index)
        context.addIssue({ code: "custom", path: ["remove", index], message: `${name} is named already` });
    if (Object.keys(set).length + remove.length === 0)
      context.addIssue({ code: "custom", message: "there is nothing to edit" });
  });

const rewrite = z
  .strictObject({
    stripPrefix: prefix.optional().meta({ description: "Taken off the front of the path: /api." }),
    path: pathTemplateField()
      .optional()
      .meta({ description: "The new path: /new/{id} with parameters of the route's path, /new/** with its rest." }),
    host: hostField()
      .optional()
      .meta({ description: "The Host that the service is told. Default: the one that the client asked for." }),
    query: query.optional().meta({ description: "Edits of the query; the rest of it stays as it was written." }),
  })
  .superRefine(({ stripPrefix, path, host, query: edits }, context) => {
    if (stripPrefix !== undefined && path !== undefined)
      context.addIssue({ code: "custom", path: ["path"], message: "the whole path is new: there is no prefix left" });
    if ([stripPrefix, path, host, edits].every((given) => given === undefined))
      context.addIssue({ code: "custom", message: "there is nothing to rewrite" });
  });

/** The keys with which a route changes what its service is asked, and what the client is answered. */
export const rewriteFields = {
  rewrite: rewrite.optional().meta({ description: "What the service is asked instead." }),
  requestHeaders: requestHeadersField.optional().meta({ description: "Edits of what the service is told." }),
  responseHeaders: responseHeadersField
    .optional()
    .meta({ description: "Edits of what the service answers; never of what the gateway says itself." }),
};

/** What a route says of it. */
export type RewriteOptions = z.output<z.ZodObject<typeof rewriteFields>>;
