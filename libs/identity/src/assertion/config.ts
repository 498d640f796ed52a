import { path } from "@tandem/platform/config/fields";
import { z } from "zod";

const keys = path().meta({
  description: "A directory of JWK files: private ones in the security tier, public ones in the other.",
});

/** The `assertion` of the security tier. */
export const assertSchema = z.strictObject({
  keys,
  carryCredential: z.boolean().default(false).meta({
    description: "Take the client's credential along, for routes whose service is to see it (`identity: credential`).",
  }),
});

/** The `assertion` of the routing tier. */
export const acceptAssertionSchema = z.strictObject({ keys });
