import { isIP } from "node:net";
import { distinct } from "@tandem/platform/config/distinct";
import { expectations } from "@tandem/platform/config/expectations";
import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";
import type { NameServer } from "./name-server.ts";

const aName = "a whole DNS name: labels of letters, digits, dashes and underscores, without search domains";
const anAddress = 'the address of a name server: "10.0.0.2", "127.0.0.1:8600" or "[::1]:53"';

const nameField = z
  .string()
  .regex(/^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?$/)
  .register(expectations, { expected: aName })
  .transform((text) => text.toLowerCase().replace(/\.$/, ""))
  .meta({ description: "The name to ask for, whole: no search domain is tried." });

const serverField = z
  .string()
  .register(expectations, { expected: anAddress })
  .transform((text, context): NameServer => {
    const server = readServer(text);
    if (server) return server;
    context.addIssue({
      code: "custom",
      message: `found ${JSON.stringify(text)}`,
      params: { expected: anAddress },
    });
    return z.NEVER;
  });

const common = {
  discovery: z.literal("dns"),
  name: nameField,
  scheme: z.enum(["http", "https"]).default("http").meta({ description: "How the instances are spoken to." }),
  family: z.enum(["both", "ipv4", "ipv6"]).default("both").meta({ description: "Which addresses are asked for." }),
  servers: z
    .array(serverField)
    .min(1)
    .max(8)
    .superRefine(distinct("name server", { of: ({ address, port }) => `${address} ${port}` }))
    .optional()
    .meta({ description: "Who is asked, in this order. Default: whom the system asks." }),
  minTtl: duration({ min: "100ms", max: "1m" }).prefault("1s").meta({
    description: "An answer holds at least so long.",
  }),
  maxTtl: duration({ min: "1m", max: "1d" }).prefault("5m").meta({ description: "And at most so long." }),
  emptyGrace: duration({ max: "1h" }).prefault("30s").meta({
    description: "How long the last instances are kept after an answer that there are none.",
  }),
};

/** The keys of a service that SRV records tell of: ports, priorities and weights stand there. */
export const dnsSrvFields = {
  ...common,
  type: z.literal("srv").meta({ description: "What is asked for: SRV records, or addresses." }),
};

/** The keys of a service whose addresses DNS knows; the port it does not. */
export const dnsAddressFields = {
  ...common,
  type: z.literal("a").meta({ description: "What is asked for: SRV records, or addresses." }),
  port: z.int().min(1).max(65_535).meta({ description: "Where the instances listen, each of them." }),
};

/** A service in DNS as it was read. */
export type DnsOptions = z.output<z.ZodObject<typeof dnsSrvFields>> | z.output<z.ZodObject<typeof dnsAddressFields>>;

/** Reads the address of a name server; 53 is its port unless it says otherwise. */
export function readServer(text: string): NameServer | undefined {
  if (isIP(text)) return { address: text, port: 53 };
  const [, bracketed, plain, digits = "53"] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? "";
  const port = Number(digits);
  const isRight = bracketed === undefined ? isIP(address) === 4 : isIP(address) === 6;
  return isRight && port >= 1 && port <= 65_535 ? { address, port } : undefined;
}
