import type { Endpoint } from "@tandem/contracts/upstream";

/** What the registry says at one moment. */
export interface Reported {
  readonly passing: readonly Endpoint[];
  /** The origin of every registration, whatever its health. */
  readonly registered: ReadonlySet<string>;
}

/** Whom we send requests to, and whom of them the registry has not vouched for since it last broke off. */
export interface Belief {
  readonly endpoints: readonly Endpoint[];
  readonly awaited: readonly Endpoint[];
  /** When those awaited are given up; set by the first answer after the break. */
  readonly until?: number;
  /** Something was registered since the break: the registry is not merely empty. */
  readonly stirred?: boolean;
}

export const nobody: Belief = { endpoints: [], awaited: [] };

/** The registry broke off (an error, an index that went back): it may have lost its state, so nobody believed in is dropped for being unknown. */
export function breakOff(belief: Belief): Belief {
  return { endpoints: belief.endpoints, awaited: belief.endpoints };
}

/**
 * Takes in an answer. In the ordinary case it is simply true, also when it is empty. After a break, an instance that has
 * not been seen passing again is kept while it is unknown to the registry, or while nothing at all is passing (a fresh
 * check begins critical); until the grace is over, and without end while nothing was ever registered.
 */
export function believe(
  belief: Belief,
  { passing, registered }: Reported,
  when: { now: number; grace: number },
): Belief {
  if (belief.awaited.length === 0) return { endpoints: passing, awaited: [] };
  const until = belief.until ?? when.now + when.grace;
  const stirred = belief.stirred === true || registered.size > 0;
  if (stirred && when.now >= until) return { endpoints: passing, awaited: [] };
  const seen = new Set(passing.map(({ origin }) => origin));
  const awaited = belief.awaited.filter(({ origin }) => !seen.has(origin));
  const kept = awaited.filter(({ origin }) => passing.length === 0 || !registered.has(origin));
  return { endpoints: [...passing, ...kept], awaited, until, stirred };
}
