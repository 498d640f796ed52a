import { bytes, duration } from "@tandem/platform/config/fields";
import { z } from "zod";
import { serviceNameField } from "../discovery/config.ts";

const mirror = z.strictObject({
  service: serviceNameField.meta({ description: "Who gets the copies." }),
  percent: z
    .number()
    .positive()
    .max(100)
    .default(100)
    .meta({ description: "How many of a hundred requests are copied." }),
  most: z
    .int()
    .min(1)
    .max(10_000)
    .default(64)
    .meta({ description: "Copies under way at a time; further requests are not copied." }),
  holdBody: bytes({ min: "0B", max: "1MiB" })
    .prefault("64KiB")
    .meta({ description: "The longest body that is copied; a request with a longer one is not." }),
  timeout: duration({ min: "10ms", max: "10m" })
    .prefault("10s")
    .meta({ description: "For a copy and the whole of its answer." }),
});

/** The key with which a route copies its requests to another service. */
export const mirrorFields = {
  mirror: mirror
    .optional()
    .meta({ description: "A service that gets copies of requests; nobody waits for its answers." }),
};

/** How the requests of a route are copied. */
export type MirrorOptions = NonNullable<z.output<z.ZodObject<typeof mirrorFields>>["mirror"]>;
