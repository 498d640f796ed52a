import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "./follow.ts";
import type { LogLine, LogSource } from "./question.ts";

const line = (time: number, name = "x"): LogLine => ({ time, fields: { name } });

/** A log that has, each time it is asked, a little more. */
function growing(...steps: readonly LogLine[][]) {
  const lines: LogLine[] = [];
  const asked: { since: number; limit: number }[] = [];
  const source: LogSource = {
    name: "growing",
    read: async ({ since, limit }) => {
      asked.push({ since, limit });
      lines.push(...(steps[asked.length - 1] ?? []));
      return lines
        .filter(({ time }) => time >= since)
        .toSorted((one, other) => one.time - other.time)
        .slice(-limit);
    },
  };
  return { source, asked };
}

async function take(source: LogSource, count: number, { limit = 100, latenessMs = 10 } = {}): Promise<number[][]> {
  const taken: number[][] = [];
  for await (const lines of follow(source, { conditions: [], since: 0, limit }, { everyMs: 0, latenessMs })) {
    taken.push(lines.map(({ time }) => time));
    if (taken.length === count) break;
  }
  return taken;
}

test("each line is given once, also one that arrives later than those after it", async () => {
  const { source } = growing([line(1), line(20)], [], [line(15), line(30)], [line(30, "another")]);
  assert.deepEqual(await take(source, 4), [[1, 20], [], [15, 30], [30]]);
});

test("what the first answer had no room for does not come later", async () => {
  const { source } = growing([line(1), line(2), line(3)], [line(4)]);
  assert.deepEqual(await take(source, 3, { limit: 2 }), [[2, 3], [4], []]);
});

test("a log is asked for no more than what may still arrive", async () => {
  const { source, asked } = growing([line(100)], [line(200)], []);
  await take(source, 3);
  assert.deepEqual(
    asked.map(({ since }) => since),
    [0, 90, 190],
  );
});
