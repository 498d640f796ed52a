/** How an instance stands, in the words of the admin plane. */
export type Standing =
  | "healthy"
  | "warming"
  | "suspect"
  | "unproven"
  | "failing"
  | "unreachable"
  | "ejected"
  | "breaker-open"
  | "half-open";

/** A pool in numbers, for metrics: none of them is of one instance alone, whose name somebody else chose. */
export interface PoolCounts {
  readonly name: string;
  /** How many instances stand how; a standing that nobody has is left out, but for `healthy`. */
  readonly instances: Readonly<Partial<Record<Standing, number>>>;
  /** Taken away by discovery, with exchanges still to end. */
  readonly leaving: number;
  readonly inFlight: number;
  readonly limit?: number;
  readonly ejections: number;
  readonly breaks: number;
  readonly isPanicking: boolean;
  readonly panics: number;
  readonly discovery: {
    readonly source: string;
    readonly isDegraded: boolean;
    readonly ageMs?: number;
    readonly silentMs?: number;
    readonly failures?: number;
  };
}
