import type { Endpoint } from "@tandem/contracts/upstream";
import { z } from "zod";
import type { Reported } from "./last-good.ts";
import { originOf } from "./origin.ts";

/** What we read of an entry of `/v1/health/service/<name>`. */
const entrySchema = z.object({
  Node: z.object({ Address: z.string() }),
  Service: z.object({
    ID: z.string().min(1),
    Address: z.string(),
    Port: z.number(),
    Meta: z.record(z.string(), z.string()).nullish(),
    Weights: z.object({ Passing: z.number() }).nullish(),
  }),
  Checks: z.array(z.object({ Status: z.string() })),
});
type Entry = z.infer<typeof entrySchema>;

/** The heaviest an instance may be, here and in a static list. */
export const mostWeight = 100;

/** Reads Consul's entries; one that nobody could connect to (no port, a malformed address) is left out. */
export function readEntries(entries: readonly unknown[]): Reported {
  const passing = new Map<string, Endpoint>();
  const registered = new Set<string>();
  for (const unread of entries) {
    const { data: entry } = entrySchema.safeParse(unread);
    const origin = entry && originOfEntry(entry);
    if (!origin) continue;
    registered.add(origin);
    // A process that came back under a new id leaves its old registration, critical, at the same address.
    if (entry.Checks.every(({ Status }) => Status === "passing"))
      passing.set(origin, Object.freeze({ id: entry.Service.ID, origin, weight: weightOf(entry) }));
  }
  return { passing: [...passing.values()], registered };
}

function originOfEntry({ Node, Service }: Entry): string | undefined {
  const scheme = Service.Meta?.["scheme"] ?? "http";
  if (scheme !== "http" && scheme !== "https") return undefined;
  return originOf(scheme, Service.Address || Node.Address, Service.Port);
}

/** The weight in `meta` first: the client library that most services register with drops Consul's own. */
function weightOf({ Service }: Entry): number {
  for (const weight of [Number(Service.Meta?.["weight"]), Service.Weights?.Passing])
    if (weight !== undefined && weight >= 1) return Math.min(mostWeight, Math.round(weight));
  return 1;
}
