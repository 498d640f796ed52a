import { z } from "zod";
import { hostField } from "../rewrite/config.ts";
import { pathTemplateField } from "../rewrite/path-template.ts";

const redirect = z
  .strictObject({
    scheme: z.enum(["https", "http"]).optional().meta({ description: "Default: the client's own. Only with a host." }),
    host: hostField().optional().meta({ description: "With its port where it has one. Default: the one asked for." }),
    path: pathTemplateField().optional().meta({
      description: "/new/{id} with parameters of the route's path, /new/** with its rest. Default: the same.",
    }),
    query: z.enum(["keep", "drop"]).default("keep").meta({ description: "`drop` leaves the client's query out." }),
    status: z
      .literal([301, 302, 303, 307, 308])
      .default(307)
      .meta({ description: "307 and 308 keep the method; 301 and 308 may be remembered for ever." }),
  })
  .superRefine(({ scheme, host, path }, context) => {
    if (host === undefined && path === undefined)
      context.addIssue({
        code: "custom",
        message: "it leads back to where it is",
        params: { expected: "a host or a path" },
      });
    else if (scheme !== undefined && host === undefined)
      context.addIssue({ code: "custom", path: ["scheme"], message: "a scheme needs a host beside it" });
  });

/** The key with which a route sends its clients elsewhere. */
export const redirectFields = {
  redirect: redirect.optional().meta({ description: "Where clients are sent, in place of a service." }),
};

/** Where a route sends its clients. */
export type RedirectOptions = NonNullable<z.output<z.ZodObject<typeof redirectFields>>["redirect"]>;
