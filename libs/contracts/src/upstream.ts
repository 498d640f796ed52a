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

/** The times that can run out on an attempt: to open a connection, to the first byte, between two pieces, for it, for all of them. */
export type Expired = "connect" | "first-byte" | "idle" | "try" | "total";

/** Why an attempt was not followed or joined by another, although such attempts are. */
export type Withheld = "budget" | "deadline" | "retry-after" | "no-instance" | "breaker-open" | "overloaded";

/** One attempt at one instance, as the record keeps it. Times are milliseconds since the record began. */
export interface Attempt {
  /** The service, or `routing-gateway`. */
  readonly target: string;
  readonly instance: string;
  /** `http://host:port` or `https://host:port`. */
  readonly origin?: string;
  readonly spanId: string;
  readonly startedAt: number;
  /** Why it was made, where it was not the first. */
  reason?: "retry" | "hedge";
  firstByteAt?: number;
  endedAt?: number;
  status?: number;
  outcome?: AttemptOutcome;
  /** What ran out, where its outcome is `timeout`. */
  expired?: Expired;
  /** The connection broke while the client's body was still on its way, so that it may have been closed on the client. */
  uploading?: true;
  /** The head of the answer was longer than is read; what it repeats may be the client's. */
  longHead?: true;
  withheld?: Withheld;
}
