/** One address at which a service can be reached. */
export interface Endpoint {
  /** `http://host:port` or `https://host:port`, without a path. */
  readonly origin: string;
  readonly weight: number;
  /** Tells instances apart in logs and traces. */
  readonly id: string;
  /** Where it stands, such as a rack, a building or a region. */
  readonly zone?: string;
  /** What the registry says of it beyond its address; subsets are made by these. */
  readonly tags?: readonly string[];
  readonly meta?: Readonly<Record<string, string>>;
}

/** How one attempt at an upstream ended. */
export type AttemptOutcome = "answered" | "refused" | "timeout" | "reset" | "aborted";

/** One attempt at one instance, as the record keeps it. Times are milliseconds since the record began. */
export interface Attempt {
  /** The service, or `routing-gateway`. */
  readonly target: string;
  readonly instance: string;
  readonly spanId: string;
  readonly startedAt: number;
  firstByteAt?: number;
  endedAt?: number;
  status?: number;
  outcome?: AttemptOutcome;
}
