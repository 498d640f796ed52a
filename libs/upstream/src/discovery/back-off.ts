interface BackOffOptions {
  readonly first?: number;
  readonly most?: number;
  readonly random?: () => number;
}

/** How long to wait before trying again after so many failures in a row: doubling, and spread so that many do not return at once. */
export function backOff(
  failures: number,
  { first = 100, most = 2_000, random = Math.random }: BackOffOptions = {},
): number {
  const full = Math.min(most, first * 2 ** Math.max(0, failures - 1));
  return full / 2 + (random() * full) / 2;
}
