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
  /** When the first answer after the break came. */
  readonly answeredAt?: number;
  /** Something was registered since the break: the registry is not merely empty. */
  readonly stirred?: boolean;
  /** Until when it is not believed that all vanished at one stroke. */
  readonly doubtedUntil?: number;
}

/** How slow we are to believe bad news; all but `sudden` in milliseconds. */
export interface Patience {
  readonly now: number;
  /** For instances to be registered again after a break. */
  readonly grace: number;
  /** For a registry that was well to say again that nobody is left. */
  readonly emptyGrace: number;
  /** So many vanish one by one, and not at a stroke, only if they are fewer. */
  readonly sudden: number;
}

export const nobody: Belief = { endpoints: [], awaited: [] };

/** A registry that stays wholly empty after a break is believed at last: no list stands for ever on nothing. */
const longestKept = 86_400_000;

/** The registry broke off (an error, an index that went back): it may have lost its state, so nobody believed in is dropped for being unknown. */
export function breakOff(belief: Belief): Belief {
  return { endpoints: belief.endpoints, awaited: belief.endpoints };
}

/**
 * Takes in an answer. In the ordinary case it is simply true, unless it leaves nobody of many at one stroke: then it is
 * doubted for a moment. After a break, an instance that has not been seen passing again is kept while it is unknown to
 * the registry, or while nothing at all is passing (a fresh check begins critical); until the grace is over, and for a
 * day while nothing was ever registered.
 */
export function believe(belief: Belief, { passing, registered }: Reported, patience: Patience): Belief {
  if (belief.awaited.length === 0) return doubt(belief, passing, patience);
  const { now, grace } = patience;
  const answeredAt = belief.answeredAt ?? now;
  const stirred = belief.stirred === true || registered.size > 0;
  if (now >= answeredAt + (stirred ? grace : longestKept)) return { endpoints: passing, awaited: [] };
  const seen = new Set(passing.map(({ origin }) => origin));
  const awaited = belief.awaited.filter(({ origin }) => !seen.has(origin));
  const kept = awaited.filter(({ origin }) => passing.length === 0 || !registered.has(origin));
  return { endpoints: [...passing, ...kept], awaited, answeredAt, stirred };
}

function doubt(belief: Belief, passing: readonly Endpoint[], { now, emptyGrace, sudden }: Patience): Belief {
  const isSudden = passing.length === 0 && belief.endpoints.length >= sudden;
  const doubtedUntil = belief.doubtedUntil ?? now + emptyGrace;
  if (isSudden && now < doubtedUntil) return { ...belief, doubtedUntil };
  return { endpoints: passing, awaited: [] };
}

/** When time alone, with no other answer than the last, changes what is believed. */
export function dueAt({ awaited, answeredAt, doubtedUntil }: Belief, { grace }: Pick<Patience, "grace">): number {
  if (doubtedUntil !== undefined) return doubtedUntil;
  return awaited.length > 0 && answeredAt !== undefined ? answeredAt + grace : Number.POSITIVE_INFINITY;
}
