import { headerRules } from "@tandem/kernel/hygiene/header-rules";
import { z } from "zod";

const ruleOf = headerRules({ from: "security-tier", managed: [] });

/** What the tiers tell each other. */
const isOurs = (name: string): boolean => name.startsWith("tandem-");

/** A header by which requests may be told apart: one that a client sends and that gets as far as the routing tier. */
export const keyHeader = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a header name is lower-case letters, digits and single dashes")
  .refine((name) => ruleOf(name).fate === "keep" && !isOurs(name), "no client's header of this name gets here");

/** A cookie by which they may be. */
export const keyCookie = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, "a cookie name is letters, digits and !#$%&'*+-.^_`|~, at most 64");

/** What of a request is its key; whoever has such a field says what for. */
export const requestKeyField = z.union([
  z.enum(["principal", "client", "address"]),
  z.strictObject({ header: keyHeader.meta({ description: "The first header of this name, in lower case." }) }),
  z.strictObject({ cookie: keyCookie.meta({ description: "The cookie of this name." }) }),
]);
