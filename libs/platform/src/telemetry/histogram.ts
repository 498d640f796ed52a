/** A histogram that is counted up by hand: an addition or two for each value, and no object. */
export class Histogram {
  count = 0;
  sum = 0;
  /** The upper ends of its buckets, rising. */
  readonly bounds: readonly number[];
  /** An entry for each bound, and one for what lies beyond. */
  readonly counts: Float64Array;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  add(value: number): void {
    const { bounds } = this;
    this.count++;
    this.sum += value;
    let place = 0;
    while (place < bounds.length && value > bounds[place]!) place++;
    this.counts[place]!++;
  }
}
