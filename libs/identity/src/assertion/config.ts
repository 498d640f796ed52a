import { assertionLifetime, assertionSkew } from "@tandem/contracts/assertion";
import { path } from "@tandem/platform/config/fields";
import { z } from "zod";
import { outliving, rotationFields } from "../keys/config.ts";

const keys = path().meta({
  description: "A directory of JWK files: private ones in the security tier, public ones in the other.",
});

/** The `assertion` of the security tier. */
export const assertSchema = z
  .strictObject({
    keys,
    publish: path().optional().meta({
      description: "Where the public half of each new key goes: the directory that the routing tier reads.",
    }),
    ...rotationFields,
    carryCredential: z.boolean().default(false).meta({
      description:
        "Take the client's credential along, for routes whose service is to see it (`identity: credential`).",
    }),
  })
  .refine(({ rotateEvery, publish }) => rotateEvery === undefined || publish !== undefined, {
    message: "missing",
    path: ["publish"],
    params: { expected: "the directory of public keys that the routing tier reads, for rotateEvery" },
  })
  .superRefine(outliving(() => assertionLifetime * 1000, assertionSkew * 1000));

/** The `assertion` of the routing tier. */
export const acceptAssertionSchema = z.strictObject({ keys });
