import { bytes } from "@tandem/platform/config/fields";
import { z } from "zod";

/** What the two tiers set apart: the inner one lets longer targets in than the outer one. */
interface HygieneDefaults {
  /** As in the file: `"8KiB"`. */
  readonly target?: string;
}

const headerName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, "is not a header name in lower case, of letters, digits and dashes")
  .refine((name) => !neverManaged.has(name), "is a header that clients have to send");

const neverManaged: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "cookie",
  "expect",
  "host",
  "sec-websocket-key",
  "sec-websocket-version",
  "transfer-encoding",
  "upgrade",
]);

/** The `hygiene` section of a tier. */
export function hygieneSchema({ target = "8KiB" }: HygieneDefaults = {}) {
  return z
    .strictObject({
      target: bytes({ min: "256B", max: "64KiB" })
        .prefault(target)
        .meta({ description: "The longest request target: path and query." }),
      managed: z
        .array(headerName)
        .default([])
        .meta({ description: "Further headers that services believe and clients may not set: dropped." }),
    })
    .prefault({});
}

/** How strict the hygiene stage is. */
export type HygieneOptions = z.output<ReturnType<typeof hygieneSchema>>;
