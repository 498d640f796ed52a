import { distinct } from "@tandem/platform/config/distinct";
import { port } from "@tandem/platform/config/fields";
import { secret } from "@tandem/platform/config/secret";
import { z } from "zod";

/** As many as one page can show side by side. */
const mostBeside = 10;

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
      beside: z
        .array(z.string().refine(isPlane, { error: "is no address of an admin plane, such as http://127.0.0.1:9082" }))
        .max(mostBeside)
        .superRefine(distinct("plane", { of: (plane) => plane }))
        .default([])
        .meta({ description: "Other admin planes with the same token, asked for what the page of this one shows." }),
    })
    .refine(({ beside, token }) => beside.length === 0 || token !== undefined, {
      path: ["beside"],
      error: "wants a token: other planes are asked with it, for those who hold it",
    })
    .prefault({});
}

/** Only an origin, in its one spelling: what is asked there is not for a configuration to say. */
const isPlane = (text: string): boolean =>
  /^http:\/\/[^/?#@\s]+:\d{1,5}$/.test(text) && URL.canParse(text) && URL.parse(text)?.host === text.slice(7);

/** Where the admin plane listens, and who may look further than its health. */
export type AdminOptions = z.output<ReturnType<typeof adminSchema>>;
