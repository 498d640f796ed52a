import { expectations } from "@tandem/platform/config/expectations";
import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";
import type { Balance } from "./balance.ts";
import { consistentHash } from "./consistent-hash.ts";
import { leastRequest } from "./least-request.ts";
import { peakEwma } from "./peak-ewma.ts";
import { keyCookie, requestKeyField } from "./request-key-fields.ts";
import { roundRobin } from "./round-robin.ts";
import { stickySessions, type StickySessions } from "./sticky.ts";

/** What balancers draw their lots with. */
interface Randomness {
  readonly random?: (() => number) | undefined;
}

/** Every way of spreading requests that a word says all of, by that word. */
export const balances = {
  "round-robin": roundRobin,
  "least-request": leastRequest,
  "peak-ewma": peakEwma,
} as const satisfies Record<string, (options: { random?: () => number }) => Balance>;

const isWord = (name: string): name is keyof typeof balances => Object.hasOwn(balances, name);

const hashSchema = z.strictObject({
  by: z.literal("hash").meta({ description: "The same instance for the same key." }),
  of: requestKeyField
    .clone()
    .register(expectations, {
      expected: "what is hashed: principal, client, address, { header: x-cart } or { cookie: cart }",
    })
    .meta({ description: "The key: what of a request its instance follows from. Without it, as least-request." }),
  maxLoad: z.number().min(1.05).max(100).default(1.25).meta({
    description:
      "How many times its share of what is in flight an instance may have; beyond that, the next on the ring.",
  }),
});

/** The `balance` of a service. */
const balanceField = z
  .union([z.enum(Object.keys(balances).filter(isWord)), hashSchema])
  .register(expectations, {
    expected: "round-robin, least-request, peak-ewma, or { by: hash, of: principal }",
  })
  .default("round-robin")
  .meta({ description: "How requests are spread over the healthy instances." });

/** The keys with which a service says how its requests are spread. */
export const balanceFields = {
  balance: balanceField,
  sticky: z
    .strictObject({
      cookie: keyCookie.meta({ description: "The gateway's cookie, which the service does not get to see." }),
      ttl: duration({ min: "1s", max: "400d" }).optional().meta({
        description: "How long a session stays, from its first answer. Default: until the browser is closed.",
      }),
    })
    .optional()
    .meta({ description: "Sessions stay with the instance that answered first." }),
};

/** How the requests of a service are spread. */
export type BalanceOptions = z.output<z.ZodObject<typeof balanceFields>>;

/** Refuses sessions that would not hold: for `superRefine` on the services, by name. */
export function stickyFaults(services: Readonly<Record<string, BalanceOptions>>, context: z.RefinementCtx): void {
  const owners = new Map<string, string>();
  for (const [service, { balance, sticky }] of Object.entries(services)) {
    if (!sticky) continue;
    const refuse = (message: string): void =>
      context.addIssue({ code: "custom", path: [service, "sticky", "cookie"], message });
    const owner = owners.get(sticky.cookie);
    if (owner !== undefined)
      refuse(`the sessions of ${owner} are in this cookie: each service would overwrite the other's`);
    else owners.set(sticky.cookie, service);
    if (typeof balance === "object" && typeof balance.of === "object" && "cookie" in balance.of)
      if (balance.of.cookie === sticky.cookie)
        refuse("this cookie is the client's key, and cannot be the gateway's too");
  }
}

/** How a service is spread, ready for its pool and for whoever passes its answers on. */
export interface Spread {
  readonly balance: Balance;
  /** Only where sessions stay with an instance. */
  readonly sessions?: StickySessions;
}

/** Makes the balance that the options ask for. */
export function balanceOf(
  { balance, sticky }: BalanceOptions,
  { service, random = Math.random }: Randomness & { readonly service: string },
): Spread {
  const plain = typeof balance === "string" ? balances[balance]({ random }) : consistentHash(balance, { random });
  if (!sticky) return { balance: plain };
  const sessions = stickySessions(sticky, service);
  return { balance: sessions.over(plain), sessions };
}
