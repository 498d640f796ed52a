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
    Tags: z.array(z.string()).nullish(),
    Meta: z.record(z.string(), z.string()).nullish(),
    Weights: z.object({ Passing: z.number() }).nullish(),
  }),
  Checks: z.array(z.object({ Status: z.string() })),
});
type Entry = z.infer<typeof entrySchema>;

/** Consul itself takes no more pairs of meta, and none longer. */
const mostSaid = 64;
const longestSaid = 512;

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
      passing.set(origin, Object.freeze({ id: entry.Service.ID, origin, weight: weightOf(entry), ...saidOf(entry) }));
  }
  return { passing: [...passing.values()], registered };
}

function originOfEntry({ Node, Service }: Entry): string | undefined {
  const scheme = Service.Meta?.["scheme"] ?? "http";
  if (scheme !== "http" && scheme !== "https") return undefined;
  return originOf(scheme, Service.Address || Node.Address, Service.Port);
}

/** What subsets and zones are made by; of more than anybody registers in earnest, the first. */
function saidOf({ Service }: Entry): Pick<Endpoint, "zone" | "tags" | "meta"> {
  const tags = (Service.Tags ?? []).filter((tag) => tag.length <= longestSaid).slice(0, mostSaid);
  const pairs = Object.entries(Service.Meta ?? {})
    .filter(([key, value]) => key.length <= longestSaid && value.length <= longestSaid)
    .slice(0, mostSaid);
  const zone = Service.Meta?.["zone"];
  return {
    ...(zone !== undefined && /^[\w.:-]{1,64}$/.test(zone) && { zone }),
    ...(tags.length > 0 && { tags }),
    ...(pairs.length > 0 && { meta: Object.fromEntries(pairs) }),
  };
}

/** The weight in `meta` first: the client library that most services register with drops Consul's own. */
function weightOf({ Service }: Entry): number {
  for (const weight of [Number(Service.Meta?.["weight"]), Service.Weights?.Passing])
    if (weight !== undefined && weight >= 1) return Math.min(mostWeight, Math.round(weight));
  return 1;
}
