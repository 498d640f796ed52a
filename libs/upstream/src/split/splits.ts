import type { Exchange } from "@tandem/kernel/exchange";
import { hashText, mix } from "../balance/hash-text.ts";
import { describeKey, requestKey, type RequestKey } from "../balance/request-key.ts";
import type { SplitOptions } from "./config.ts";

/** A route that may be shared out. */
export interface SplitRoute {
  readonly name: string;
  readonly split?: SplitOptions | undefined;
}

/** Chooses the service of a request. */
export interface ChooseService {
  (exchange: Exchange): string;
  /** Says what it would choose, and why, and draws no lot. */
  readonly foresee: (exchange: Exchange) => ForeseenService;
}

/** The service that a request would get, and why. */
export interface ForeseenService {
  /** Where a lot decides, the likeliest. */
  readonly service: string;
  readonly because: string;
  /** Those that a lot decides between. */
  readonly drawnFrom?: readonly { readonly service: string; readonly weight: number }[];
}

/** One service of a split. */
interface Share {
  readonly service: string;
  readonly weight: number;
  /** What makes its lot another one than its neighbours', and another one on each route. */
  readonly salt: number;
}

type When = NonNullable<SplitOptions["among"][number]["when"]>;

/** Compiles how the routes are shared out, once per generation; only those that are shared out are in the map. */
export function compileSplits(
  routes: readonly SplitRoute[],
  random: () => number = Math.random,
): ReadonlyMap<string, ChooseService> {
  const splits = new Map<string, ChooseService>();
  for (const { name, split } of routes) if (split) splits.set(name, chooserOf(name, split, random));
  return splits;
}

function chooserOf(route: string, { by, among }: SplitOptions, random: () => number): ChooseService {
  const canaries = among.flatMap(({ service, when }) =>
    when ? [{ service, fits: fitting(when), because: `when: ${JSON.stringify(when)}` }] : [],
  );
  const shares = among
    .filter(({ weight }) => weight > 0)
    .map(({ service, weight }): Share => ({ service, weight, salt: hashText(`${route} ${service}`) }));
  const keyOf: RequestKey = by === undefined ? () => undefined : requestKey(by);
  const choose = (exchange: Exchange): string => {
    for (const { service, fits } of canaries) if (fits(exchange)) return service;
    const key = keyOf(exchange);
    return key === undefined ? drawn(shares, random()) : allotted(shares, key);
  };
  const foresee = (exchange: Exchange): ForeseenService => {
    const canary = canaries.find(({ fits }) => fits(exchange));
    if (canary) return { service: canary.service, because: canary.because };
    const key = keyOf(exchange);
    const name = by === undefined ? "" : describeKey(by);
    if (key !== undefined) return { service: allotted(shares, key), because: `its ${name} leads there` };
    const likeliest = shares.reduce((best, share) => (share.weight > best.weight ? share : best));
    const drawnFrom = shares.map(({ service, weight }) => ({ service, weight }));
    if (shares.length === 1) return { service: likeliest.service, because: "no other has a weight" };
    const because = by === undefined ? "drawn by lot for each request" : `drawn by lot: it has no ${name}`;
    return { service: likeliest.service, because, drawnFrom };
  };
  return Object.assign(choose, { foresee });
}

/** Whether a rule names who calls. */
function fitting(when: When): (exchange: Exchange) => boolean {
  if ("header" in when) {
    const { name, value } = when.header;
    // Without a list of its values: most requests do not have the header.
    return ({ request: { headers } }) => {
      for (let index = 0; index < headers.length; index += 2)
        if (headers[index] === name && headers[index + 1] === value) return true;
      return false;
    };
  }
  if ("client" in when) {
    const clients = new Set<string | undefined>(when.client);
    return ({ principal }) => clients.has(principal.client);
  }
  const subjects = new Set(when.subject);
  return ({ principal }) => principal.method !== "none" && subjects.has(principal.subject);
}

/** The service at a point, from 0 to below 1, of all weights laid end to end. */
export function drawn(shares: readonly Pick<Share, "service" | "weight">[], point: number): string {
  let total = 0;
  for (const { weight } of shares) total += weight;
  let left = point * total;
  for (const { service, weight } of shares) {
    left -= weight;
    if (left < 0) return service;
  }
  return shares.at(-1)!.service;
}

/**
 * The service of a key: each has a lot of its own for it, and the best lot for its weight wins (weighted rendezvous). A lot
 * does not depend on the others, so a weight that grows takes keys over and moves none between its neighbours, and neither
 * does the order in the file.
 */
function allotted(shares: readonly Share[], key: number): string {
  let best = shares[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const share of shares) {
    const lot = ((mix(key ^ share.salt) >>> 0) + 0.5) / 2 ** 32;
    // The time of the first event where `weight` of them are to be expected: the least one is this share's as often as its weight says.
    const time = -Math.log(lot) / share.weight;
    if (time >= least) continue;
    best = share;
    least = time;
  }
  return best.service;
}
