import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { bench, endpoint, idOf, type Bench } from "./bench.testing.ts";
import { attemptNote } from "./testing.ts";

const failing = { status: 503 };
const breaker = { minRequests: 4, rest: "10s" };

/** Two instances, of which those named have had their breaker opened; nobody is ejected. */
function withOpen(t: TestContext, ...open: string[]): Bench {
  const bed = bench(t, { rules: { health: { outlier: false }, breaker } });
  bed.tell(endpoint("a"), endpoint("b"));
  for (const id of open) bed.ends(id, failing, 4);
  return bed;
}

test("an instance at rest gets nothing, and while all are at rest nobody does", async (t) => {
  const bed = withOpen(t, "a");
  assert.equal(bed.chosen(), "b");
  assert.equal(bed.seen("a").state, "breaker-open");
  bed.ends("b", failing, 4);
  assert.equal(bed.chosen(), "breaker-open");
  assert.equal(bed.pool.view().table.panics, 0, "that is no panic");
});

test("it is known when the first rest is over", async (t) => {
  const bed = withOpen(t, "a");
  await bed.pass(4_000);
  assert.equal(bed.pool.restsFor, 6_000);
  bed.ends("b", failing, 4);
  assert.equal(bed.pool.restsFor, 6_000);
  await bed.pass(20_000);
  assert.equal(bed.pool.restsFor, 0);
});

test("after its rest one request is the trial, whoever else asks meanwhile", async (t) => {
  const bed = withOpen(t, "a", "b");
  await bed.pass(10_000);
  const picked = Array.from({ length: 50 }, () => bed.pool.pick(bed.exchange, []));
  for (const one of picked) if (typeof one !== "string") one.begin();
  const counts = Object.groupBy(picked.map(idOf), (id) => id);
  assert.deepEqual([counts["a"]?.length, counts["b"]?.length, counts["breaker-open"]?.length], [1, 1, 48]);
});

test("beside a healthy one, the trial comes first and exactly once; a good answer ends it", async (t) => {
  const bed = withOpen(t, "a");
  await bed.pass(10_000);
  assert.deepEqual(bed.spread(50), { a: 1, b: 49 });
  bed.ends("a", { status: 200 });
  assert.deepEqual(bed.spread(50), { a: 25, b: 25 });
  assert.equal(bed.seen("a").breaker?.opened, 1);
});

test("a trial that fails means another rest", async (t) => {
  const bed = withOpen(t, "a");
  await bed.pass(10_000);
  assert.deepEqual(bed.spread(3), { a: 1, b: 2 });
  bed.ends("a", failing);
  assert.deepEqual(bed.spread(3), { b: 3 });
  await bed.pass(9_999);
  assert.deepEqual(bed.spread(3), { b: 3 });
  await bed.pass(1);
  assert.deepEqual(bed.spread(3), { a: 1, b: 2 });
});

test("a trial whose client leaves is nobody's fault: the next request is one", async (t) => {
  const bed = withOpen(t, "a");
  await bed.pass(10_000);
  for (let turn = 0; turn < 3; turn++) {
    assert.equal(idOf(bed.pool.pick(bed.exchange, [])), "a");
    bed.ends("a", { outcome: "aborted" });
  }
});

test("a request that was tried there already is no trial, and an upgrade neither", async (t) => {
  const bed = withOpen(t, "a");
  await bed.pass(10_000);
  assert.equal(idOf(bed.pool.pick(bed.exchange, [bed.instance("a")])), "b");
  const { exchange: upgrade } = exchangeOf({ upgrade: "websocket" });
  assert.equal(idOf(bed.pool.pick(upgrade, [])), "b");
  assert.equal(idOf(bed.pool.pick(bed.exchange, [])), "a");
});

test("one that was restarted meanwhile needs no rest", async (t) => {
  const bed = withOpen(t, "a");
  bed.pool.avoid(bed.instance("a"));
  bed.knocks = { ok: false, found: "ECONNREFUSED" };
  await bed.pass(1_000);
  bed.knocks = {};
  await bed.pass(1_000);
  assert.equal(bed.chosen(), "a b");
});

test("a limit counts what is under way at all instances, and holds for further tries as well", (t) => {
  const bed = bench(t, { rules: { limit: { requests: 3 } } });
  bed.tell(endpoint("a"), endpoint("b"));
  const under = Array.from({ length: 3 }, () => bed.pool.pick(bed.exchange, []));
  for (const one of under) if (typeof one !== "string") one.begin();
  assert.equal(idOf(bed.pool.pick(bed.exchange, [])), "overloaded");
  assert.equal(idOf(bed.pool.pick(bed.exchange, [bed.instance("a")])), "overloaded");
  assert.deepEqual([bed.pool.view().inFlight, bed.pool.view().limit], [3, 3]);
  const [first] = under;
  if (typeof first === "object") first.end(attemptNote({ outcome: "aborted" }));
  assert.notEqual(idOf(bed.pool.pick(bed.exchange, [])), "overloaded");
});

test("what is under way at an instance that was taken away counts until it ends", (t) => {
  const bed = bench(t, { rules: { limit: { requests: 1 } } });
  bed.tell(endpoint("a"));
  const leaving = bed.instance("a");
  leaving.begin();
  bed.tell(endpoint("b"));
  assert.equal(bed.chosen(), "overloaded");
  leaving.end(attemptNote());
  assert.equal(bed.chosen(), "b");
});
