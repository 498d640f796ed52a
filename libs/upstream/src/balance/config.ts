import { z } from "zod";
import type { Balance } from "./balance.ts";
import { roundRobin } from "./round-robin.ts";

/** Every way of spreading requests, by its name in the configuration. */
export const balances = { "round-robin": roundRobin } as const satisfies Record<string, () => Balance>;

const isBalance = (name: string): name is keyof typeof balances => Object.hasOwn(balances, name);

/** The `balance` of a service. */
export const balanceField = z
  .enum(Object.keys(balances).filter(isBalance))
  .default("round-robin")
  .meta({ description: "How requests are spread over the healthy instances." });
