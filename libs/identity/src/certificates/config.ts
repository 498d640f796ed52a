import { scopePattern } from "@tandem/contracts/scope";
import { isIP } from "node:net";
import { z } from "zod";
import { type NameKind, readPattern } from "./name-pattern.ts";
import { firstCovering } from "./rule-coverage.ts";

const text = z.string().regex(/^\P{Cc}+$/u, "a text without control characters");

const name = (kind: NameKind, example: string) =>
  z
    .string()
    .superRefine((value, context) => {
      const read = readPattern(kind, value);
      if (typeof read === "string") context.addIssue({ code: "custom", message: read });
      else if (kind === "ip" && isIP(value) === 0) context.addIssue({ code: "custom", message: "this is no address" });
    })
    .meta({ description: `One of the certificate's, such as ${example}.` })
    .optional();

const attributes = z
  .strictObject({ CN: text.optional(), O: text.optional(), OU: text.optional() })
  .refine((given) => Object.keys(given).length > 0, "expected CN, O or OU");

const thumbprint = z
  .string()
  .transform((value, context) => {
    const hex = value.replaceAll(":", "");
    if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, "hex").toString("base64url");
    if (/^[\w-]{42}[AEIMQUYcgkosw048]$/.test(value)) return value;
    context.addIssue({ code: "custom", message: "expected the SHA-256 of a certificate, in hex or base64url" });
    return z.NEVER;
  })
  .meta({
    description: "The SHA-256 of the certificate: hex, as `openssl x509 -fingerprint -sha256` prints it, or base64url.",
  });

/** What a certificate must say. */
export const certificateMatch = z
  .strictObject({
    san: z
      .strictObject({
        uri: name("uri", "spiffe://example.org/ns/shop/sa/*"),
        dns: name("dns", "*.partners.example.com"),
        email: name("email", "*@example.com"),
        ip: name("ip", "192.0.2.7"),
      })
      .refine((given) => Object.keys(given).length > 0, "expected uri, dns, email or ip")
      .optional()
      .meta({ description: "Subject alternative names." }),
    subject: attributes.optional(),
    issuer: attributes
      .optional()
      .meta({ description: "Who signed the certificate; any authority below `clientCa` may bear any name." }),
    thumbprint: thumbprint.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, "a rule that matches every certificate is none: say which");

/** What of a certificate can become the subject. */
const sources = ["san-uri", "san-dns", "san-email", "san-ip", "cn", "thumbprint"] as const;

const principal = z.strictObject({
  subject: z
    .union([text, z.strictObject({ from: z.enum(sources) })])
    .meta({ description: "A fixed text, or `from`: what of the certificate it is." }),
  client: text.optional(),
  scopes: z
    .array(z.string().regex(scopePattern, "a scope is visible ASCII without spaces, quotes and backslashes"))
    .default([]),
  roles: z.array(text).default([]),
  tenant: text.optional(),
});

/** The `certificates` of the security tier: whose certificate stands for whom. The first rule that matches counts. */
export const certificatesSchema = z
  .array(z.strictObject({ match: certificateMatch, principal }))
  .superRefine((rules, context) => {
    for (const [index, { match: given }] of rules.entries()) {
      const earlier = firstCovering(
        rules.slice(0, index).map((rule) => rule.match),
        given,
      );
      if (earlier !== undefined)
        context.addIssue({
          code: "custom",
          path: [index, "match"],
          message: `never comes to be asked: rule ${earlier + 1} matches all that it matches`,
        });
    }
  })
  .default([]);

/** One rule. */
export type CertificateRule = z.output<typeof certificatesSchema>[number];
export type CertificateMatch = z.output<typeof certificateMatch>;
export type SubjectSource = (typeof sources)[number];
