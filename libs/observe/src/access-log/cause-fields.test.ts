import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "@tandem/platform/cost-of.testing";
import { decisionFields } from "./decision-fields.ts";
import { causeFields, causeText } from "./cause-fields.ts";

const because = (message: string): Error => new Error("upstream failed", { cause: new Error(message) });

for (const [message, expected] of [
  ["no route to http://a/x?token=hunter2&b=1 now", "no route to http://a/x?[query] now"],
  ["no route to /x?hunter2", "no route to /x?[query]"],
  ["no route to /x?%68unter2", "no route to /x?[query]"],
  ["is it there? Really?", "is it there? Really?"],
] as const)
  test(`of "${message}" no query is told`, () => {
    assert.equal(causeText(because(message)), `upstream failed <- ${expected}`);
    assert.equal(
      JSON.parse(`{${causeFields(because(message), undefined).slice(1)}}`)["error.message"],
      `upstream failed <- ${expected}`,
    );
  });

for (const piece of ["?", "?a"])
  test(`a cause of nothing but ${piece} is read at a cost in proportion to its length`, () => {
    const cost = (length: number): number =>
      costOf(() => void causeText(new Error(piece.repeat(length / piece.length))));
    const [short, long] = [cost(1_000), cost(8_000)];
    assert.ok(long < 30 * short, `${short} ms became ${long} ms, eight times as long`);
  });

test("of a thousand policies in shadow the first fifty are told: a line stays within what a central log takes", () => {
  const shadows = Array.from({ length: 1000 }, (_, index) => ({
    policy: `p${index}`,
    rule: "r",
    effect: "deny" as const,
  }));
  const text = decisionFields({ effect: "allow", rule: "anyone", reason: "", shadows });
  assert.equal(JSON.parse(`{${text.slice(1)}}`)["tandem.shadows"].length, 50);
});
