import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, endpoint } from "./bench.testing.ts";

const health = { probe: { type: "http", path: "/healthz", interval: "10s", edgeInterval: "2s" } } as const;

test("one that is there at the start is believed until its probes say otherwise, and then until they say so again", async (t) => {
  const bed = bench(t, { rules: { health } });
  bed.well.add("b");
  bed.tell(endpoint("a"), endpoint("b"));
  assert.equal(bed.chosen(), "a b");
  await bed.pass(1_000);
  for (let turn = 0; turn < 2; turn++) {
    assert.equal(bed.chosen(), "a b");
    await bed.pass(2_000);
  }
  assert.equal(bed.chosen(), "b");
  assert.deepEqual(bed.seen("a").probe, {
    state: "failing",
    good: 0,
    bad: 3,
    found: "status 500",
    tookMs: 1,
    ageMs: 0,
  });
  bed.well.add("a");
  await bed.pass(2_000);
  assert.equal(bed.chosen(), "b", "one good probe is not enough");
  await bed.pass(2_000);
  assert.equal(bed.chosen(), "a b");
});

test("one that comes later gets nothing before its first good probe", async (t) => {
  const bed = bench(t, { rules: { health } });
  bed.well.add("a");
  bed.tell(endpoint("a"));
  bed.tell(endpoint("a"), endpoint("b"));
  await bed.pass(1_000);
  assert.deepEqual([bed.chosen(), bed.seen("b").state], ["a", "unproven"]);
  bed.well.add("b");
  await bed.pass(2_000);
  assert.equal(bed.chosen(), "a b");
});

test("when all probes fail, requests go to all rather than to none, unless that is not wanted", async (t) => {
  for (const [panic, chosen] of [
    [1, "a b"],
    [0, "no-instance"],
  ] as const) {
    const bed = bench(t, { rules: { health: { ...health, panic } } });
    bed.tell(endpoint("a"), endpoint("b"));
    await bed.pass(1_000);
    for (let turn = 0; turn < 2; turn++) await bed.pass(2_000);
    assert.equal(bed.seen("a").state, "failing");
    assert.equal(bed.chosen(), chosen);
    assert.equal(bed.chosen(bed.instance("a")), panic === 0 ? "no-instance" : "b");
    t.mock.timers.reset();
  }
});

test("enough good probes after an ejection end it early", async (t) => {
  const bed = bench(t, { rules: { health } });
  bed.well.add("a").add("b");
  bed.tell(endpoint("a"), endpoint("b"));
  await bed.pass(1_000);
  bed.ends("a", { status: 503 }, 5);
  assert.equal(bed.chosen(), "b");
  await bed.pass(10_000);
  assert.equal(bed.chosen(), "b", "one is not enough");
  await bed.pass(2_000);
  assert.equal(bed.chosen(), "a b");
});

test("an instance that leaves is not asked any more, and is asked again when it comes back", async (t) => {
  const bed = bench(t, { rules: { health } });
  bed.well.add("a").add("b");
  bed.tell(endpoint("a"), endpoint("b"));
  const staying = bed.instance("b");
  staying.begin();
  await bed.pass(1_000);
  bed.tell(endpoint("a"));
  bed.tell(endpoint("a"), endpoint("b"));
  assert.equal(bed.instance("b"), staying);
  assert.equal(bed.chosen(), "a", "it has to prove itself again");
  await bed.pass(1_000);
  assert.equal(bed.chosen(), "a b");
});
