import { secret, type Secret } from "@tandem/platform/config/secret";
import { z } from "zod";
import { isMarkedAsScrypt, readScryptHash } from "./scrypt-hash.ts";
import { isSecretHash } from "./secret-hash.ts";

const secretHash = secret().superRefine((hash, context) => {
  let text: string;
  try {
    text = hash.reveal();
  } catch {
    return; // It belongs to a section that this process does not resolve, so there is nothing to look at.
  }
  const scrypt = isMarkedAsScrypt(text) ? readScryptHash(text) : undefined;
  if (typeof scrypt === "string") context.addIssue({ code: "custom", message: scrypt });
  else if (!scrypt && !isSecretHash(text))
    context.addIssue({ code: "custom", message: "expected sha256: and the hash of the secret, in hex or base64url" });
});

/** What of a client says how it proves who it is. */
export const proofFields = {
  secretHash: z
    .union([secretHash, z.array(secretHash).min(1).max(2)])
    .transform((value): readonly Secret[] => (Array.isArray(value) ? value : [value]))
    .meta({
      description:
        "sha256: and the hash of a generated secret, or scrypt: and that of one that a person chose. Two of them while the secret is being changed.",
    }),
};
