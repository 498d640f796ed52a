import type { Endpoint } from "@tandem/contracts/upstream";
import { mostWeight } from "../consul-entries.ts";
import { originOf, type Scheme } from "../origin.ts";
import type { SrvData } from "./message.ts";

interface Place {
  readonly scheme: Scheme;
  readonly address: string;
  readonly port: number;
}

/** Makes instances of SRV records: of the first priority that leads anywhere, with weights as the others have them. */
export function srvEndpoints(
  records: readonly SrvData[],
  addressesOf: ReadonlyMap<string, readonly string[]>,
  scheme: Scheme,
): readonly Endpoint[] {
  const byPriority = Map.groupBy(records, ({ priority }) => priority);
  for (const priority of [...byPriority.keys()].toSorted((one, other) => one - other)) {
    const group = byPriority.get(priority) ?? [];
    const heaviest = Math.max(...group.map(({ weight }) => weight));
    const endpoints = new Map<string, Endpoint>();
    for (const { target, port, weight } of group)
      for (const address of addressesOf.get(target) ?? []) {
        const endpoint = endpointAt({ scheme, address, port }, scaled(weight, heaviest));
        if (endpoint) endpoints.set(endpoint.origin, endpoint);
      }
    if (endpoints.size > 0) return [...endpoints.values()];
  }
  return [];
}

/** One instance at an address; undefined where nobody can listen. */
export function endpointAt({ scheme, address, port }: Place, weight: number): Endpoint | undefined {
  const origin = originOf(scheme, address, port);
  return origin === undefined ? undefined : { id: origin.slice(origin.indexOf("//") + 2), origin, weight };
}

/** SRV weights go up to 65535, and to 0 for those that should hardly get anything. */
function scaled(weight: number, heaviest: number): number {
  const fitting = heaviest > mostWeight ? Math.round((weight * mostWeight) / heaviest) : weight;
  return Math.max(1, fitting);
}
