/** What of a key a rotation looks at. */
export interface DatedKey {
  readonly kid: string;
  /** Epoch milliseconds. */
  readonly signsFrom: number;
}

/** When keys come and go, in milliseconds. */
export interface RotationTimes {
  /** For how long the next key is known before it signs. */
  readonly lead: number;
  /** For how long a key verifies after the next one has begun to sign: longer than anything that it has signed is good. */
  readonly retireAfter: number;
  /** For how long a key is to sign, where a next one is made by schedule; else one is made in any case. */
  readonly every?: number | undefined;
}

/** A key after which another signs, and until when it is kept; epoch milliseconds. */
export type Followed<Key extends DatedKey = DatedKey> = Key & { readonly until: number };

/** What is to be done with the keys of a directory. */
export interface RotationPlan<Key extends DatedKey> {
  /** From when on the key that is to be made signs; nothing where none is due. */
  readonly makeFor: number | undefined;
  /** Keys that nothing good can be signed with any more. */
  readonly retire: readonly Followed<Key>[];
  /** Keys that were followed by another, but may have signed what is still good. */
  readonly keep: readonly Followed<Key>[];
}

/** Decides on keys that are sorted `newestFirst`. Neither the key in force nor one that is to follow is ever retired. */
export function planRotation<Key extends DatedKey>(
  keys: readonly Key[],
  times: RotationTimes,
  now: number,
): RotationPlan<Key> {
  const makeFor = isDue(keys, times, now) ? startOf(keys, times, now) : undefined;
  const begun = keys.filter(({ signsFrom }) => signsFrom <= now);
  // Each was followed by the one before it in the list; the first signs now, unless the key to be made does at once.
  const followedAt = [
    makeFor !== undefined && makeFor <= now ? makeFor : Infinity,
    ...begun.map(({ signsFrom }) => signsFrom),
  ];
  const followed = begun.flatMap((key, at) => {
    const until = followedAt[at]! + times.retireAfter;
    return until === Infinity ? [] : [{ ...key, until }];
  });
  return {
    makeFor,
    retire: followed.filter(({ until }) => now >= until),
    keep: followed.filter(({ until }) => now < until),
  };
}

function isDue(keys: readonly DatedKey[], { lead, every }: RotationTimes, now: number): boolean {
  // A key of a far future was made by a clock that was wrong; a schedule does not wait for it.
  const newest = keys.find(({ signsFrom }) => every === undefined || signsFrom <= now + every);
  if (newest === undefined) return true;
  return every === undefined ? newest.signsFrom <= now : now >= newest.signsFrom + Math.max(0, every - lead);
}

/** In whole seconds, as files tell it, and never with less than the lead. The first of all keys has nobody to wait for. */
function startOf(keys: readonly DatedKey[], { lead }: RotationTimes, now: number): number {
  if (lead === 0 || keys.length === 0) return Math.floor(now / 1000) * 1000;
  return Math.ceil((now + lead) / 1000) * 1000;
}
