import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "@tandem/platform/testing";
import { bench, endpoint, idOf } from "./bench.testing.ts";
import { member, serviceOf } from "./service.testing.ts";

const failing = { status: 503 };

test("who is ejected is asked again before nobody is, but never beside another", (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  const [a, b] = bed.pool.instances;
  assert.equal(bed.pool.spare(bed.exchange, [a!]), b);
  bed.ends("b", failing, 5);
  assert.equal(bed.pool.pick(bed.exchange, [a!]), b);
  assert.equal(bed.pool.spare(bed.exchange, [a!]), undefined);
});

test("those who are out get further tries in turn", (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"), endpoint("c"), endpoint("d"));
  for (const id of ["b", "c", "d"]) bed.ends(id, failing, 5);
  assert.equal(bed.chosen(), "a");
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < 12; turn++) {
    const id = idOf(bed.pool.pick(bed.exchange, [bed.instance("a")]));
    counts[id] = (counts[id] ?? 0) + 1;
  }
  assert.deepEqual(Object.keys(counts).toSorted(), ["b", "c", "d"]);
  assert.ok(
    Object.values(counts).every((count) => count >= 3),
    JSON.stringify(counts),
  );
});

test("a newcomer without a good probe gets no further try either", async (t) => {
  const bed = bench(t, { rules: { health: { probe: { type: "tcp" } } } });
  bed.well.add("a");
  bed.tell(endpoint("a"));
  bed.tell(endpoint("a"), endpoint("b"));
  await bed.pass(0);
  assert.equal(bed.seen("b").state, "unproven");
  assert.equal(bed.chosen(bed.instance("a")), "no-instance");
  bed.well.add("b");
  await bed.pass(3_000);
  assert.equal(bed.chosen(bed.instance("a")), "b");
});

test("a request that is asked beside another is no trial", async (t) => {
  const bed = bench(t, { rules: { health: { outlier: false }, breaker: { minRequests: 4, rest: "10s" } } });
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("b", failing, 4);
  await bed.pass(10_000);
  const [a, b] = bed.pool.instances;
  assert.equal(bed.pool.spare(bed.exchange, [a!]), undefined);
  assert.equal(bed.pool.pick(bed.exchange, [a!]), b);
});

test("beyond the limit nobody is asked beside another", (t) => {
  const bed = bench(t, { rules: { limit: { requests: 1 } } });
  bed.tell(endpoint("a"), endpoint("b"));
  const [a, b] = bed.pool.instances;
  assert.equal(bed.pool.spare(bed.exchange, [a!]), b);
  a!.begin();
  assert.equal(bed.pool.spare(bed.exchange, [a!]), undefined);
});

test("the fast failures of an ejected instance never win over the slow answers of a healthy one", async (t) => {
  const [slow, sick] = [await member(t), await member(t)];
  const rules = { health: { outlier: { failures: 1, base: "1h", most: "1h" } } };
  const service = await serviceOf(t, [slow, sick], { rules, hedge: { after: "20ms" } });
  sick.answers = "503";
  await until("it is ejected", async () => {
    await service.ask(1);
    return service.seen(sick).state === "ejected";
  });
  const before = sick.asked;
  slow.answers = "slowly";
  for (let turn = 0; turn < 3; turn++) assert.deepEqual(await service.ask(1), { 200: 1 });
  assert.equal(sick.asked, before);
});
