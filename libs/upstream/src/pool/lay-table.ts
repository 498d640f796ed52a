/** What decides whether an instance takes part, and with how much. */
export interface Candidate {
  readonly zone: string | undefined;
  /** Its share as discovery says. */
  readonly fullWeight: number;
  /** The part of it that it gets while it warms up. */
  readonly warmth: number;
  /** Nothing speaks against it but that it may be suspect. */
  readonly healthy: boolean;
  /** It fails, but there is no one to do without it. */
  readonly suspect: boolean;
  /** Its breaker is not closed: it gets trials at most, whatever else happens. */
  readonly barred: boolean;
}

/** Why the list is as it is. */
export type TableReason = "normal" | "panic" | "zone" | "spill";

/** Whom to balance over, each with its weight; never a weight that is not positive. */
export interface Table<T> {
  readonly reason: TableReason;
  readonly members: readonly T[];
  readonly weights: readonly number[];
}

interface TableRules {
  /** With fewer sound instances than this, everybody gets requests. */
  readonly panic: number;
  /** The gateway's own zone, where it is preferred. */
  readonly zone: string | undefined;
}

/** No instance of the own zone gets more than this times what it would get if zones did not matter. */
const mostOfOwn = 1.5;

/** Decides who takes part: the healthy, with what their warm-up allows; in a panic everybody; with a preferred zone those, as far as they can bear it. */
export function layTable<T extends Candidate>(candidates: readonly T[], { panic, zone }: TableRules): Table<T> {
  const open = candidates.filter(({ barred }) => !barred);
  const healthy = open.filter((one) => one.healthy);
  const sound = healthy.filter(({ suspect }) => !suspect);
  if (sound.length < Math.min(panic, open.length))
    return { reason: "panic", members: open, weights: open.map(({ fullWeight }) => fullWeight) };
  const weights = healthy.map(({ fullWeight, warmth }) => fullWeight * warmth);
  if (zone === undefined || healthy.length === 0) return { reason: "normal", members: healthy, weights };
  return layByZone(healthy, weights, { zone, zones: new Set(candidates.map((one) => one.zone)).size });
}

/**
 * Taken that each zone with instances has as much traffic of its own as any other, the share of it that stays is what
 * keeps the load of an own instance within bounds; the rest goes to the other zones as their weights say.
 */
function layByZone<T extends Candidate>(
  healthy: readonly T[],
  weights: readonly number[],
  { zone, zones }: { zone: string; zones: number },
): Table<T> {
  const isOwn = healthy.map((one) => one.zone === zone);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const own = weights.reduce((sum, weight, at) => (isOwn[at] ? sum + weight : sum), 0);
  const stays = Math.min(1, (mostOfOwn * zones * own) / all);
  if (own > 0 && stays === 1) {
    return {
      reason: own === all ? "normal" : "zone",
      members: healthy.filter((_, at) => isOwn[at]),
      weights: weights.filter((_, at) => isOwn[at]),
    };
  }
  const scale = own === 0 ? 1 : ((1 - stays) / stays) * (own / (all - own));
  return {
    reason: "spill",
    members: healthy,
    weights: weights.map((weight, at) => (isOwn[at] ? weight : weight * scale)),
  };
}
