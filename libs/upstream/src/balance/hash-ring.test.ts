import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestInstance } from "../pool/testing.ts";
import { layRing, slotCount } from "./hash-ring.ts";
import { alike, instancesOf } from "./testing.ts";

/** The id of the owner of each slot. */
function ownersOf(instances: readonly TestInstance[]): string[] {
  const ring = layRing(instances);
  return Array.from({ length: slotCount }, (_, slot) => instances[ring(slot)]!.id);
}

const moved = (before: readonly string[], after: readonly string[]): number =>
  before.filter((owner, slot) => owner !== after[slot]).length / before.length;

for (const count of [3, 10, 100])
  test(`when one of ${count} leaves, only what was its own moves, and that is about its share`, (t) => {
    const instances = alike(count);
    const before = ownersOf(instances);
    let most = 0;
    for (const gone of [0, 1, count - 1]) {
      const after = ownersOf(instances.toSpliced(gone, 1));
      const share = moved(before, after);
      most = Math.max(most, share);
      assert.ok(share < 1 / count + 0.05, `${share} of the slots moved`);
      const others = before.filter((owner, slot) => owner !== after[slot] && owner !== instances[gone]!.id);
      assert.equal(others.length, 0);
    }
    t.diagnostic(`moved at most ${(most * 100).toFixed(2)} %, 1/n is ${(100 / count).toFixed(2)} %`);
  });

test("when one comes, it takes only its share, and evenly from all", () => {
  const instances = alike(11);
  const before = ownersOf(instances.slice(0, 10));
  const after = ownersOf(instances);
  const lost = new Map<string, number>();
  for (const [slot, owner] of before.entries())
    if (owner !== after[slot]) {
      assert.equal(after[slot], instances[10]!.id);
      lost.set(owner, (lost.get(owner) ?? 0) + 1);
    }
  const taken = [...lost.values()];
  assert.ok(Math.abs(moved(before, after) - 1 / 11) < 0.01);
  assert.ok(taken.length === 10 && Math.max(...taken) < 1.25 * Math.min(...taken), taken.join(" "));
});

test("the heaviest leaves, and still nothing but its own moves", () => {
  const instances = instancesOf(100, 1, 0.1, 7);
  const before = ownersOf(instances);
  const after = ownersOf(instances.slice(1));
  const strays = before.filter((owner, slot) => owner !== after[slot] && owner !== instances[0]!.id);
  assert.equal(strays.length, 0);
});

test("one that warms up only takes, and from a tenth of its weight to the whole it takes little at a time", () => {
  const instances = instancesOf(1, 1, 1, 0.1);
  const [warming] = instances.slice(-1) as [TestInstance];
  let before = ownersOf(instances);
  for (let weight = 0.2; weight < 1.05; weight += 0.1) {
    warming.weight = weight;
    const after = ownersOf(instances);
    assert.ok(moved(before, after) < 0.04);
    for (const [slot, owner] of before.entries()) if (owner !== after[slot]) assert.equal(after[slot], warming.id);
    before = after;
  }
});

test("only the proportion of weights counts", () => {
  assert.equal(moved(ownersOf(instancesOf(1, 2, 3)), ownersOf(instancesOf(0.25, 0.5, 0.75))), 0);
});

test("of a thousand each has slots, and none three times its share", () => {
  const instances = alike(1_000);
  const counts = new Map<string, number>();
  for (const owner of ownersOf(instances)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
  assert.equal(counts.size, 1_000);
  assert.ok(least > 30 && most < 110, `${least} to ${most}, the share is 65.5`);
});

// Written down, because a gateway of another version must find the same owners.
test("the owners are the same for ever", () => {
  const ring = layRing(instancesOf(1, 2, 1));
  assert.equal([0, 1, 2, 3, 1_000, 30_000, 65_535].map(ring).join(" "), "0 2 1 2 1 1 1");
});
