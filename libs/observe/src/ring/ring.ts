/** The latest of something, for whoever asks on the admin plane. */
export interface Ring<Item> {
  /** `weight` counts toward what all of them may weigh together. */
  add(item: Item, weight?: number): void;
  /** Newest first; what has become too old is forgotten on the way. */
  items(): Generator<Item>;
}

interface RingOptions {
  readonly keep: number;
  /** Milliseconds after which an item is forgotten, room or not. Default: an hour. */
  readonly age?: number | undefined;
  /** What all items may weigh together. Default: anything. */
  readonly most?: number | undefined;
  readonly now?: (() => number) | undefined;
}

interface Kept<Item> {
  readonly item: Item;
  readonly weight: number;
  readonly addedAt: number;
}

/** Opens a ring. Adding forgets what is too much and costs one small object; looking up searches, because only people look up. */
export function createRing<Item>({
  keep,
  age = 3_600_000,
  most = Number.POSITIVE_INFINITY,
  now = Date.now,
}: RingOptions): Ring<Item> {
  const places: (Kept<Item> | undefined)[] = Array.from({ length: keep });
  let next = 0;
  let oldest = 0;
  let size = 0;
  let weighed = 0;

  const forgetOldest = (): void => {
    weighed -= places[oldest]!.weight;
    places[oldest] = undefined;
    oldest = (oldest + 1) % keep;
    size--;
  };
  const isTooFull = (weight: number): boolean => size > 0 && (size === keep || weighed + weight > most);
  const isTooOld = (limit: number): boolean => size > 0 && places[oldest]!.addedAt < limit;

  return {
    add(item, weight = 0) {
      if (keep === 0 || weight > most) return;
      while (isTooFull(weight)) forgetOldest();
      places[next] = { item, weight, addedAt: now() };
      next = (next + 1) % keep;
      weighed += weight;
      size++;
    },
    *items() {
      const limit = now() - age;
      while (isTooOld(limit)) forgetOldest();
      for (let back = 1, last = size; back <= last; back++) yield places[(next - back + keep) % keep]!.item;
    },
  };
}
