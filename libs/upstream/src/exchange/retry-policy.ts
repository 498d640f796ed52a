import type { BudgetOptions } from "./retry-budget.ts";

/**
 * How a try fails: it was certainly not acted on, it broke off or made no sense before its head, its time ran out, or it
 * was answered with a status.
 */
export type Trouble = "connect" | "reset" | "timeout" | number;

/** When a request is sent once more, fixed once per generation. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  readonly on: ReadonlySet<Trouble>;
  readonly methods: ReadonlySet<string>;
  readonly backOff: BackOff;
  /** Bodies whose declared length is at most this are held before the first try, so that they can be sent again. */
  readonly bodyLimit: number;
}

/** Milliseconds: the bound of the first pause, doubled each time, and the longest pause. */
export interface BackOff {
  readonly first: number;
  readonly most: number;
}

/** The same as it stands in the configuration. */
export interface RetryOptions {
  readonly attempts: number;
  readonly on: readonly Trouble[];
  readonly methods: readonly string[];
  readonly backOff: BackOff;
  readonly budget: BudgetOptions;
  readonly bodyLimit: number;
}

/** RFC 9110 §9.2.2, without TRACE, which nobody forwards. */
export const idempotent: readonly string[] = ["DELETE", "GET", "HEAD", "OPTIONS", "PUT"];

/** Once, and only what was certainly not acted on: for whoever is not the one that retries. */
export const certainlyNotActedOn: RetryPolicy = {
  attempts: 2,
  on: new Set<Trouble>(["connect"]),
  methods: new Set(idempotent),
  backOff: { first: 0, most: 0 },
  bodyLimit: 0,
};

export function policyOf({ attempts, on, methods, backOff, bodyLimit }: RetryOptions): RetryPolicy {
  const all = methods.includes("GET") ? [...methods, "HEAD"] : methods;
  return { attempts, on: new Set(on), methods: new Set(all), backOff, bodyLimit };
}
