import assert from "node:assert/strict";
import { test } from "node:test";
import { compareSpecificity, compilePath, matchPath } from "@tandem/kernel/patterns/path-pattern";
import { createRouteTable } from "./route-table.ts";
import { asking } from "./testing.ts";

/** A small generator of numbers below one, the same in every run. */
function drawsFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

// The table walks its own tree. A guard that matches patterns by the kernel's matcher must never see another route than it.
test("the table finds what the kernel's matcher says is the most specific, over many tables and paths", () => {
  const draw = drawsFrom(20_261_121);
  const among = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!;
  const segments = (words: readonly string[]): string =>
    Array.from({ length: Math.floor(draw() * 4) }, () => `/${among(words)}`).join("");
  let found = 0;
  for (let round = 0; round < 500; round++) {
    const texts = new Set(Array.from({ length: 8 }, () => segments(["a", "b", "*"]) + among(["", "/**"]) || "/"));
    const patterns = [...texts].map(compilePath);
    const table = createRouteTable(
      patterns.map(({ text }) => ({ name: text, service: "s", allow: { kind: "anyone" }, match: { path: text } })),
    );
    for (let asked = 0; asked < 20; asked++) {
      const path = segments(["a", "b", "c"]) + among(["", "/"]) || "/";
      const expected = patterns.filter((pattern) => matchPath(pattern, path)).toSorted(compareSpecificity)[0]?.text;
      const answer = table.find(asking({ path }));
      assert.ok(typeof answer !== "number");
      assert.equal(answer?.pattern.text, expected, `${path} among ${[...texts].join(" ")}`);
      if (answer) found++;
    }
  }
  assert.ok(found > 2_000, `only ${found} of 10000 led anywhere`);
});
