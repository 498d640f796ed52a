import type { Route } from "@tandem/contracts/route";
import type { PathPattern } from "@tandem/kernel/patterns/path-pattern";
import { conditionsOf, holds, type Condition } from "./condition.ts";
import type { RouteMatch } from "./config.ts";
import type { Question } from "./question.ts";

/** What is tried where host, path and method have decided all they can. */
export interface Tried {
  readonly conditions: readonly Condition[];
  /** The place among all others. */
  readonly rank: number;
}

/** One way to a route: one host and one path of it, and what else must hold. */
export interface Candidate extends Tried {
  readonly route: Route;
  readonly host: string | undefined;
  readonly pattern: PathPattern;
  readonly methods: readonly string[] | undefined;
}

/** Whether all conditions hold; a number where all others do, and so many bytes of the body must be looked at first. */
export function verdict({ conditions }: Tried, question: Question): boolean | number {
  for (const condition of conditions) {
    const answer = holds(condition, question);
    if (answer !== true) return answer;
  }
  return true;
}

const kinds = ["header", "query", "client", "audience", "body"] as const;

/** What is counted, in its order; more of the first decides before more of the next. */
export function weightOf(match: RouteMatch): readonly number[] {
  const conditions = conditionsOf(match);
  return kinds.map((kind) => conditions.filter((condition) => condition.kind === kind).length);
}

/** Sorts the one that asks for more first; what is equal stays in the order of the file. */
export function compareWeights(one: readonly number[], other: readonly number[]): number {
  for (const [index, count] of one.entries()) {
    const difference = (other[index] ?? 0) - count;
    if (difference !== 0) return difference;
  }
  return 0;
}
