import { describeCondition, holds } from "./condition.ts";
import { Question, type Asked } from "./question.ts";
import type { RouteTable } from "./route-table.ts";

/** One route that a request could have taken, and what the request lacks for it. */
export interface Considered {
  readonly route: string;
  /** As they are written in the route; no host stands for every host. */
  readonly host?: string;
  readonly path: string;
  /** In words, such as `method GET | HEAD` and `header x-version = 2`; none of the route that takes the request. */
  readonly lacks: readonly string[];
}

/**
 * Tells how the table comes to its answer: the routes at the host and path of a request in the order in which they are
 * looked at, up to and with the one that takes it. A body that nobody has held is one that lacks what is asked of it.
 */
export function* considered(table: RouteTable, asked: Asked): Generator<Considered> {
  const question = new Question(asked, asked.request.path, 0);
  for (const { candidate, takesMethod } of table.candidatesFor(asked)) {
    const { route, host, pattern, methods, conditions } = candidate;
    const missing = conditions.filter((condition) => holds(condition, question) !== true).map(describeCondition);
    const lacks = takesMethod ? missing : [`method ${methods?.join(" | ")}`, ...missing];
    yield { route: route.name, ...(host !== undefined && { host }), path: pattern.text, lacks };
    if (lacks.length === 0) return;
  }
}
