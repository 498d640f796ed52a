import { port } from "@tandem/platform/config/fields";
import { secret } from "@tandem/platform/config/secret";
import { z } from "zod";

/** The `admin` section of a tier. */
export function adminSchema(defaults: { readonly port: number }) {
  return z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: port().prefault(defaults.port),
      token: secret()
        .optional()
        .meta({ description: "Opens all but /healthz, /readyz and /metrics. None: they stay closed." }),
      hosts: z
        .array(z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/, "is no lower-case host name"))
        .default([])
        .meta({ description: "Names with a dot by which the admin plane may be called." }),
    })
    .prefault({});
}

/** Where the admin plane listens, and who may look further than its health. */
export type AdminOptions = z.output<ReturnType<typeof adminSchema>>;
