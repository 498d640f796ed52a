/** One thing that a line must have: a field, and what stands in it. `5xx` stands for a class of statuses. */
export interface Condition {
  readonly field: string;
  readonly value: string;
}

/** What is asked of a log; a line that meets every condition is an answer. */
export interface Question {
  readonly conditions: readonly Condition[];
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Default: now. */
  readonly until?: number | undefined;
  /** That many of the latest. */
  readonly limit: number;
}

/** A line of a log by its ECS names. */
export interface LogLine {
  /** When what it tells of was over, in milliseconds since 1970; `@timestamp` says when that began. */
  readonly time: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Somebody who keeps lines; `read` rejects with a sentence for the terminal. */
export interface LogSource {
  /** Who is asked, for people. */
  readonly name: string;
  /** In order of their time. */
  read(question: Question): Promise<LogLine[]>;
}

/** The fields that options name, each in the vocabulary of our lines. */
export const fieldOf = {
  trace: "trace.id",
  request: "http.request.id",
  principal: "user.id",
  route: "tandem.route",
  address: "client.address",
  status: "http.response.status_code",
  dataset: "event.dataset",
  tier: "tandem.tier",
} as const;

/** When what a line tells of began. */
export function beganAt({ time, fields }: LogLine): number {
  const began = Date.parse(String(fields["@timestamp"]));
  return Number.isNaN(began) ? time : began;
}

/** Whether a line answers a question. */
export function answers({ time, fields }: LogLine, { conditions, since, until = Infinity }: Question): boolean {
  return time >= since && time < until && conditions.every(({ field, value }) => holds(fields[field], value));
}

function holds(found: unknown, value: string): boolean {
  if (typeof found !== "string" && typeof found !== "number") return false;
  return isClass(value) ? /^\d{3}$/.test(String(found)) && String(found)[0] === value[0] : String(found) === value;
}

/** Tells `5xx` from a status, and from anything else. */
export const isClass = (value: string): boolean => /^[1-5]xx$/.test(value);
