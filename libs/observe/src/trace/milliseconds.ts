/** A time for people: two digits after the point while they tell anything, seconds once milliseconds no longer do. */
export function milliseconds(value: number): string {
  return Math.abs(value) < 10_000 ? `${value.toFixed(2)} ms` : `${(value / 1000).toFixed(1)} s`;
}
