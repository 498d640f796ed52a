import { z } from "zod";

/** The `log` section: how much is said, and in which form. */
export const logSchema = z
  .strictObject({
    level: z.enum(["error", "warn", "info", "debug"]).default("info"),
    format: z.enum(["auto", "json", "pretty"]).default("auto"),
  })
  .prefault({});

/** `auto` is `pretty` on a terminal and `json` everywhere else. */
export type LogOptions = z.output<typeof logSchema>;
