import { isIP } from "node:net";
import { authenticationMethods } from "@tandem/contracts/principal";
import { z } from "zod";

/** The longest body that can be given, in bytes; a route may look at no more than a MiB, most look at far less. */
export const longestBody = 131_072;
/** As JSON, with the head, and a body in base64. */
export const longestQuestion = 262_144;

const word = z.string().min(1).max(1024);
const words = z.array(word).max(1000).readonly();

/** The contract's `Principal`, as whoever asks writes it. */
const principal = z.strictObject({
  subject: word,
  client: word.exactOptional(),
  scopes: words.default([]),
  roles: words.default([]),
  tenant: word.exactOptional(),
  audiences: words.exactOptional(),
  method: z.enum(authenticationMethods).default("jwt"),
  issuer: word.exactOptional(),
  expires: z.number().exactOptional(),
});

const address = z
  .string()
  .max(64)
  .refine((text) => isIP(text) !== 0, "expected an IP address");

const name = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, "no header has such a name");
const value = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]{0,65536}$/, "no header has such a value: no line breaks, and nothing beyond Latin-1");

const headers = z
  .union([z.array(z.tuple([name, value])).max(1000), z.record(name, z.union([value, z.array(value).max(100)]))])
  .transform((given) =>
    Array.isArray(given)
      ? given
      : Object.entries(given).flatMap(([key, values]) => [values].flat().map((one): [string, string] => [key, one])),
  );

const body = z.union([
  z
    .string()
    .transform((text) => Buffer.from(text))
    .refine(({ length }) => length <= longestBody, `longer than ${longestBody} bytes`),
  z
    .strictObject({ base64: z.base64() })
    .transform(({ base64 }) => Buffer.from(base64, "base64"))
    .refine(({ length }) => length <= longestBody, `longer than ${longestBody} bytes`),
]);

const request = {
  method: z
    .string()
    .regex(/^[A-Z-]{1,32}$/, "expected a method in capitals")
    .default("GET"),
  /** As it would go on the wire: nothing of it is made normal before hygiene does. */
  url: z
    .string()
    .max(65_536)
    .regex(/^https?:\/\/[\x21\x22\x24-\x7e]*$/, "expected https://host/path, percent-encoded and without a fragment"),
  headers: headers.default([]),
  protocol: z.enum(["1.0", "1.1", "2"]).default("1.1"),
  address: address.default("127.0.0.1"),
  tls: z
    .strictObject({
      version: word.default("TLSv1.3"),
      sni: word.exactOptional(),
      /** PEM: what the client shows, taken for verified. */
      certificate: z.string().max(16_384).exactOptional(),
    })
    .exactOptional(),
  body: body.exactOptional(),
};

/** What the security tier can be asked: any request, and for whom it is to take the caller. */
export const securityQuestion = z.strictObject({ ...request, as: principal.exactOptional() });

/** What the routing tier can be asked: nobody vouches for the caller there but whoever asks. */
export const routingQuestion = z.strictObject({
  ...request,
  vouched: z
    .strictObject({
      principal,
      clientAddress: address,
      scheme: z.enum(["http", "https"]).default("https"),
      protocol: word.exactOptional(),
      tls: word.exactOptional(),
      sni: word.exactOptional(),
    })
    .exactOptional(),
});

export type SecurityQuestion = z.output<typeof securityQuestion>;
export type RoutingQuestion = z.output<typeof routingQuestion>;

/** A question to either, as it is sent. */
export type AskedQuestion = z.input<typeof securityQuestion> | z.input<typeof routingQuestion>;
