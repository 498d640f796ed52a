import { z } from "zod";
import { bytes, path } from "../config/fields.ts";
import { isWithoutCredentials, noUrlCredentials } from "../config/url-credentials.ts";

const fileSchema = z.strictObject({
  directory: path().meta({ description: "A folder for the logs of this machine; each tier has its own file there." }),
  size: bytes({ min: "64KiB", max: "10GiB" })
    .prefault("64MiB")
    .meta({ description: "A file this large is put aside." }),
  keep: z.int().min(1).max(100).default(5).meta({ description: "How many that were put aside are kept." }),
});

/** The `log` section: how much is said, in which form, and where else it goes. */
export const logSchema = z
  .strictObject({
    level: z.enum(["error", "warn", "info", "debug"]).default("info"),
    format: z
      .enum(["auto", "json", "pretty"])
      .default("auto")
      .meta({ description: "On stdout; auto is pretty on a terminal, and JSON everywhere else." }),
    file: fileSchema.optional().meta({ description: "Files too, in JSON whatever the format." }),
    otlp: z
      .url({ protocol: /^https?$/ })
      .refine(isWithoutCredentials, noUrlCredentials)
      .optional()
      .meta({ description: "A central log that takes OTLP over HTTP, such as http://loki:3100/otlp." }),
    connections: z.enum(["all", "failures", "none"]).default("all").meta({
      description: "Which connections get a line when they have ended; failures are those refused, broken or too slow.",
    }),
    successes: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .meta({ description: "The share of requests that went well to be logged; failures and refusals always are." }),
  })
  .prefault({});

/** `auto` is `pretty` on a terminal and `json` everywhere else. */
export type LogOptions = z.output<typeof logSchema>;
