import { path } from "@tandem/platform/config/fields";
import { z } from "zod";

/** The `assertion` of either tier: private keys in the security tier, the public ones in the routing tier. */
export const assertionSchema = z.strictObject({
  keys: path().meta({
    description: "A directory of JWK files: private ones in the security tier, public ones in the other.",
  }),
});
