import { path } from "@tandem/platform/config/fields";
import { secretThat, type Secret } from "@tandem/platform/config/secret";
import { isWithoutCredentials, noUrlCredentials } from "@tandem/platform/config/url-credentials";
import { z } from "zod";
import { certificateMatch } from "../certificates/config.ts";
import { UnusableKey, verificationKey } from "../jose/verification-key.ts";
import { privateMemberOf } from "../keys/public-keys.ts";
import { isMarkedAsScrypt, readScryptHash } from "./scrypt-hash.ts";
import { isSecretHash } from "./secret-hash.ts";
import { isTrustworthy } from "./trustworthy-url.ts";

const secretHash = secretThat((text) => {
  const scrypt = isMarkedAsScrypt(text) ? readScryptHash(text) : undefined;
  if (typeof scrypt === "string") return scrypt;
  if (scrypt || isSecretHash(text)) return undefined;
  return "expected sha256: and the hash of the secret, in hex or base64url";
});

const publicJwk = z.looseObject({ kty: z.string() }).superRefine((jwk, context) => {
  const member = privateMemberOf(jwk);
  try {
    if (member === undefined) verificationKey(jwk);
    else context.addIssue({ code: "custom", message: `${member} makes it a private key: only its client may have it` });
  } catch (error) {
    if (!(error instanceof UnusableKey)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
});

/** An authority vouches for many: what tells this one from the others is written out. */
const certificate = certificateMatch.superRefine((match, context) => {
  for (const [kind, name] of Object.entries(match.san ?? {}))
    if (name?.includes("*"))
      context.addIssue({ code: "custom", path: ["san", kind], message: "expected one name, without *" });
  if (match.san === undefined && match.subject === undefined && match.thumbprint === undefined)
    context.addIssue({ code: "custom", message: "expected san, subject or thumbprint: an issuer has many clients" });
});

/** What of a client says how it proves who it is; it has exactly one of them, and no other proof counts. */
export const proofFields = {
  secretHash: z
    .union([secretHash, z.array(secretHash).min(1).max(2)])
    .transform((value): readonly Secret[] => (Array.isArray(value) ? value : [value]))
    .optional()
    .meta({
      description:
        "sha256: and the hash of a generated secret, or scrypt: and that of one that a person chose. Two of them while the secret is being changed.",
    }),
  keys: z
    .union([path(), z.array(publicJwk).min(1).max(20)])
    .optional()
    .meta({ description: "Its public keys (private_key_jwt): a JWKS file, or the JWKs themselves." }),
  jwks: z
    .url()
    .refine(isTrustworthy, "expected an https URL; plain http only to this machine")
    .refine(isWithoutCredentials, noUrlCredentials)
    .optional()
    .meta({ description: "Where its public keys are (private_key_jwt)." }),
  certificate: certificate
    .optional()
    .meta({ description: "What its TLS certificate says (tls_client_auth); all of it has to be so." }),
};

type Proofs = { readonly [name in keyof typeof proofFields]?: unknown };

/** Refuses a client with two ways to prove itself, of which the weaker one would count, and one with none; for `superRefine`. */
export function oneProof(client: Proofs, context: z.RefinementCtx): void {
  const names = Object.keys(proofFields).filter((name) => Reflect.get(client, name) !== undefined);
  if (names.length === 1) return;
  const found = names.length === 0 ? "it has none" : `it has ${names.join(" and ")}`;
  const message = `a client proves itself in exactly one way, by secretHash, keys, jwks or certificate; ${found}`;
  context.addIssue({ code: "custom", message });
}
