/** How one probe ended. */
export interface ProbeResult {
  readonly ok: boolean;
  /** What was found, in a few words: `status 204`, `ECONNREFUSED`, `no answer in time`. */
  readonly found: string;
  /** Milliseconds. */
  readonly took: number;
}

/**
 * `believed`: taken at discovery's word, as all are that it names when the gateway starts. `unproven`: came later, and
 * gets nothing before its first good probe.
 */
export type ProbeState = "believed" | "unproven" | "passing" | "failing";

interface Thresholds {
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** What the probes of one instance say together. */
export class ProbeRecord {
  readonly #thresholds: Thresholds;
  state: ProbeState;
  /** Good ones in a row, or bad ones. */
  good = 0;
  bad = 0;
  last: ProbeResult | undefined;
  lastAt = 0;

  constructor(thresholds: Thresholds, state: "believed" | "unproven") {
    this.#thresholds = thresholds;
    this.state = state;
  }

  get healthy(): boolean {
    return this.state === "believed" || this.state === "passing";
  }

  /** It is worth looking soon again: not yet sure, failing, or contradicted by the last probe. */
  get edge(): boolean {
    return this.state !== "passing" || this.bad > 0;
  }

  /** Enough good ones in a row to end what was held against the instance. */
  get convinced(): boolean {
    return this.good >= this.#thresholds.healthyAfter;
  }

  add(result: ProbeResult, now: number): void {
    this.last = result;
    this.lastAt = now;
    this.good = result.ok ? this.good + 1 : 0;
    this.bad = result.ok ? 0 : this.bad + 1;
    if (result.ok) {
      if (this.state !== "failing" || this.convinced) this.state = "passing";
    } else if (this.bad >= this.#thresholds.unhealthyAfter && this.state !== "unproven") this.state = "failing";
  }
}
