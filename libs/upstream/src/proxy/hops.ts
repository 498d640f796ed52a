import type { Exchange } from "@tandem/kernel/exchange";
import { createIds, type Ids } from "@tandem/platform/random";
import type { ClientTls } from "../connections/client-tls.ts";
import { createHop, upstreamCodes, type Hop } from "../exchange/hop.ts";
import type { ResilienceOptions } from "../exchange/resilience-fields.ts";
import type { ServiceConnectionOptions } from "./config.ts";

/** A service as a hop needs it: its instances, and how long to wait for them. */
export interface ProxiedService {
  readonly pool: Hop["pool"];
  readonly options: Pick<ServiceConnectionOptions, "connectTimeout" | "timeout" | "idleTimeout"> &
    Partial<Pick<ServiceConnectionOptions, "upgrades">> &
    ResilienceOptions;
  readonly tls?: ClientTls | undefined;
  readonly sessions?: Hop["sessions"];
}

/** The hops of a generation, by the name of their service; whoever sends to a service sends by its one hop. */
export type Hops = ReadonlyMap<string, Hop>;

/** The hop to the service that was chosen for a request, or that its route names. */
export const hopFor = ({ service, route }: Exchange, hops: Hops): Hop | undefined =>
  hops.get(service ?? route?.service ?? "");

/** How many more tries each service might get now, where these are bounded. */
export function* budgetsLeft(
  hops: Hops,
  now: number = performance.now(),
): Generator<{ readonly service: string; readonly left: number }> {
  for (const [service, { budget }] of hops) if (budget) yield { service, left: budget.left(now) };
}

/** Makes the hop of each service, once per generation; `ids` name the spans of attempts. */
export function createHops(
  services: ReadonlyMap<string, ProxiedService>,
  ids: Pick<Ids, "spanId"> = createIds(),
): Hops {
  const hops = new Map<string, Hop>();
  for (const [target, { pool, options, tls, sessions }] of services)
    hops.set(target, createHop({ target, pool, sessions, codes: upstreamCodes, options, tls, ids }));
  return hops;
}
