import { setTimeout as sleep } from "node:timers/promises";
import type { LogLine, LogSource, Question } from "./question.ts";

interface FollowOptions {
  readonly everyMs?: number;
  /** How much later than others a line may arrive, and still be seen. */
  readonly latenessMs?: number;
}

/** As many as Loki gives at a time, unless it is told otherwise. */
export const most = 5_000;

/** Gives the lines that a log has, and from then on each new one once, for as long as it is asked. */
export async function* follow(
  source: LogSource,
  question: Question,
  { everyMs = 1_000, latenessMs = 10_000 }: FollowOptions = {},
): AsyncGenerator<LogLine[]> {
  const seen = new Map<string, number>();
  let { since } = question;
  let limit = question.limit;
  for (;;) {
    const fresh = (await source.read({ ...question, since, limit })).filter((line) => {
      const key = JSON.stringify([line.time, line.fields]);
      return !seen.has(key) && seen.set(key, line.time);
    });
    yield fresh;
    const [oldest, newest] = [fresh[0]?.time, fresh.at(-1)?.time];
    // What the first answer had no room for is not wanted later either.
    if (oldest !== undefined && limit === question.limit && fresh.length === limit) since = oldest;
    if (newest !== undefined) since = Math.max(since, newest - latenessMs);
    // What is older than anything that is asked for again need not be remembered.
    for (const [key, time] of seen) if (time < since) seen.delete(key);
    limit = most;
    await sleep(everyMs);
  }
}
