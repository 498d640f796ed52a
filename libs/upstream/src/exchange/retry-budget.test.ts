import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryBudget } from "./retry-budget.ts";

/** How many of so many tries the budget has room for. */
function taken(budget: RetryBudget, now: number, wanted: number): number {
  let count = 0;
  for (; count < wanted && budget.allows(now); count++) budget.spend(now);
  return count;
}

function counted(budget: RetryBudget, now: number, requests: number): void {
  for (let request = 0; request < requests; request++) budget.count(now);
}

test("a fifth of the requests may be retried", () => {
  const budget = new RetryBudget({ ratio: 0.2, min: 0 });
  assert.equal(taken(budget, 5_000, 10), 0);
  counted(budget, 5_000, 100);
  assert.equal(taken(budget, 5_000, 1_000), 20);
  counted(budget, 6_000, 10);
  assert.equal(taken(budget, 6_000, 1_000), 2);
});

test("a few may be retried whatever their share", () => {
  const budget = new RetryBudget({ ratio: 0, min: 3 });
  assert.equal(taken(budget, 1_000, 1_000), 30);
});

test("what is ten seconds ago counts no more, requests and retries alike", () => {
  const budget = new RetryBudget({ ratio: 0.5, min: 0 });
  counted(budget, 1_000, 10);
  assert.equal(taken(budget, 4_000, 100), 5);
  counted(budget, 10_999, 2);
  assert.equal(taken(budget, 10_999, 100), 1);
  // The first ten have left the window, and the five that were spent are still in it.
  counted(budget, 11_000, 8);
  assert.equal(taken(budget, 11_000, 100), 0);
  assert.equal(taken(budget, 14_000, 100), 4);
});

for (const silence of [10_000, 25_000, 1e9])
  test(`after ${silence} ms without a request it begins anew`, () => {
    const budget = new RetryBudget({ ratio: 0.5, min: 0 });
    counted(budget, 3_000, 10);
    budget.spend(3_000);
    assert.equal(taken(budget, 3_000 + silence, 100), 0);
    counted(budget, 3_000 + silence, 4);
    assert.equal(taken(budget, 3_000 + silence, 100), 2);
  });

test("where every request fails, tries stay within the budget over any time", () => {
  const ratio = 0.2;
  const min = 1;
  const budget = new RetryBudget({ ratio, min });
  let requests = 0;
  let tries = 0;
  for (let now = 0; now < 120_000; now += 7) {
    // Waves, and pauses between them.
    const wave = now % 30_000 < 20_000 ? 3 : 0;
    for (let one = 0; one < wave; one++) {
      budget.count(now);
      requests++;
      tries += 1 + taken(budget, now, 1);
    }
    assert.ok(tries <= requests * (1 + ratio) + min * (now / 1000 + 10), `${tries} tries of ${requests} at ${now}`);
  }
  assert.ok(tries > requests * (1 + ratio) * 0.95);
});

test("what is left is what may still be taken", () => {
  const budget = new RetryBudget({ ratio: 0.2, min: 0.1 });
  counted(budget, 5_000, 13);
  const left = budget.left(5_000);
  assert.equal(left, 3);
  assert.equal(taken(budget, 5_000, 1_000), left);
  assert.equal(budget.left(5_000), 0);
});
