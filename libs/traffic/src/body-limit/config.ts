import { bytes } from "@tandem/platform/config/fields";

/** The most that a request body may hold, in bytes. */
export interface BodyLimitOptions {
  readonly limit: number;
}

/** The `bodyLimit` of a tier: one size. */
export const bodyLimitSchema = bytes({ min: "1KiB" })
  .prefault("10MiB")
  .transform((limit): BodyLimitOptions => ({ limit }))
  .meta({ description: "The most that a request body may hold." });
