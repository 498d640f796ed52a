import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attempt } from "@tandem/contracts/upstream";
import { bench, endpoint } from "./bench.testing.ts";

const failing: Partial<Attempt> = { outcome: "answered", status: 503 };
const good: Partial<Attempt> = { outcome: "answered", status: 200, firstByteAt: 0 };

const kinds: { name: string; note: Partial<Attempt>; ejects: boolean }[] = [
  { name: "answers of 502", note: { outcome: "answered", status: 502 }, ejects: true },
  { name: "answers of 503", note: failing, ejects: true },
  { name: "answers of 504", note: { outcome: "answered", status: 504 }, ejects: true },
  { name: "broken connections", note: { outcome: "reset" }, ejects: true },
  { name: "answers that break off", note: { outcome: "reset", status: 200, firstByteAt: 0 }, ejects: true },
  { name: "time-outs", note: { outcome: "timeout", expired: "first-byte" }, ejects: true },
  { name: "requests whose time was up altogether", note: { outcome: "timeout", expired: "total" }, ejects: false },
  { name: "answers of 500", note: { outcome: "answered", status: 500 }, ejects: false },
  { name: "answers of 404", note: { outcome: "answered", status: 404 }, ejects: false },
  { name: "answers of 429", note: { outcome: "answered", status: 429 }, ejects: false },
  { name: "clients that leave", note: { outcome: "aborted" }, ejects: false },
  { name: "connections closed on who uploads", note: { outcome: "reset", uploading: true }, ejects: false },
  { name: "heads that are too long", note: { outcome: "reset", longHead: true, firstByteAt: 0 }, ejects: false },
  { name: "tunnels that break", note: { outcome: "reset", status: 101, firstByteAt: 0 }, ejects: false },
  { name: "good answers", note: good, ejects: false },
];
for (const { name, note, ejects } of kinds)
  test(`${name} ${ejects ? "eject" : "do not eject"} one of two`, (t) => {
    const bed = bench(t);
    bed.tell(endpoint("a"), endpoint("b"));
    bed.ends("a", note, 4);
    assert.equal(bed.chosen(), "a b");
    bed.ends("a", note, 1);
    assert.equal(bed.chosen(), ejects ? "b" : "a b");
    assert.equal(bed.seen("a").failed, ejects ? 5 : 0);
  });

test("which answers count is for the service to say", (t) => {
  const bed = bench(t, { rules: { health: { failing: ["500-599", 429] } } });
  bed.tell(endpoint("a"), endpoint("b"), endpoint("c"));
  bed.ends("a", { status: 500 }, 5);
  bed.ends("b", { status: 429 }, 5);
  assert.equal(bed.chosen(), "c");
});

test("an ejected instance comes back after its time, and is on trial", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", failing, 5);
  await bed.pass(29_999);
  assert.equal(bed.chosen(), "b");
  await bed.pass(1);
  assert.equal(bed.chosen(), "a b");
  bed.ends("a", failing, 1);
  assert.equal(bed.chosen(), "b");
  assert.equal(bed.seen("a").outlier?.endsInMs, 60_000, "the second time is longer");
  await bed.pass(60_000);
  bed.ends("a", good, 1);
  bed.ends("a", failing, 4);
  assert.deepEqual(bed.spread(10), { a: 5, b: 5 });
});

test("the last two are not both ejected: when the other one fails as well, requests go to both", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", failing, 5);
  bed.ends("b", failing, 5);
  assert.equal(bed.chosen(), "a b");
  assert.deepEqual([bed.seen("a").state, bed.seen("b").state], ["ejected", "suspect"]);
  assert.deepEqual([bed.pool.view().table.reason, bed.pool.view().table.panics], ["panic", 1]);
  await bed.pass(1_000);
  bed.ends("b", good, 1);
  assert.equal(bed.chosen(), "b");
  assert.deepEqual([bed.seen("b").state, bed.pool.view().table.reason], ["healthy", "normal"]);
  assert.deepEqual(
    bed.lines.map(({ message }) => message).filter((message) => message.includes("healthy")),
    ["too few instances are healthy: requests go to all", "enough instances are healthy again"],
  );
});

test("in a panic a good answer brings one back that was ejected, unless it began before", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", failing, 5);
  bed.ends("b", failing, 5);
  await bed.pass(500);
  bed.ends("a", { ...good, endedAt: 700 }, 1);
  assert.equal(bed.seen("a").state, "ejected");
  bed.ends("a", { ...good, endedAt: 100 }, 1);
  assert.equal(bed.chosen(), "a b");
  assert.deepEqual([bed.seen("a").state, bed.pool.view().table.reason], ["healthy", "normal"]);
});

test("of three, two may go; with minHealthy 2 only one", (t) => {
  for (const [minHealthy, left] of [
    [1, "c"],
    [2, "b c"],
  ] as const) {
    const bed = bench(t, { rules: { health: { outlier: { minHealthy } } } });
    bed.tell(endpoint("a"), endpoint("b"), endpoint("c"));
    bed.ends("a", failing, 5);
    bed.ends("b", failing, 5);
    assert.equal(bed.chosen(), left);
    t.mock.timers.reset();
  }
});

test("nine of ten that fail are ejected: there is no percentage", (t) => {
  const bed = bench(t);
  const ids = "abcdefghij".split("");
  bed.tell(...ids.map((id) => endpoint(id)));
  for (const id of ids.slice(0, 9)) bed.ends(id, failing, 5);
  assert.equal(bed.chosen(), "j");
});

test("the only instance is never taken away", (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"));
  bed.ends("a", failing, 50);
  assert.equal(bed.chosen(), "a");
  assert.equal(bed.seen("a").state, "suspect");
});

test("without ejection nobody is ejected", (t) => {
  const bed = bench(t, { rules: { health: { outlier: false } } });
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", failing, 500);
  assert.equal(bed.chosen(), "a b");
});

test("an ejected instance where nobody listens any more is new when somebody does", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", { outcome: "reset" }, 5);
  assert.equal(bed.seen("a").state, "ejected");
  bed.knocks = { ok: false, found: "ECONNREFUSED" };
  await bed.pass(1_000);
  assert.equal(bed.seen("a").state, "unreachable");
  bed.knocks = {};
  await bed.pass(1_000);
  assert.equal(bed.chosen(), "a b", "it was restarted, and need not wait for the end of the ejection");
  assert.equal(bed.seen("a").outlier?.heldAgainst, 0);
});

test("an ejected instance to which connections open stays out", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", failing, 5);
  for (let second = 0; second < 5; second++) await bed.pass(1_000);
  assert.equal(bed.chosen(), "b");
});

test("a storm of failures does not lay the table each time, and loses nothing", async (t) => {
  const bed = bench(t);
  const ids = Array.from({ length: 40 }, (_, index) => `i${index}`);
  bed.tell(...ids.map((id) => endpoint(id)));
  for (const id of ids.slice(1)) bed.ends(id, failing, 5);
  assert.ok(Object.keys(bed.spread(80)).length > 1, "not all of them have been taken out yet");
  await bed.pass(50);
  assert.deepEqual(Object.keys(bed.spread(80)), ["i0"]);
});

test("what an instance that has left does has no consequence", (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  const gone = bed.instance("a");
  for (let turn = 0; turn < 9; turn++) gone.begin();
  bed.tell(endpoint("b"));
  for (let turn = 0; turn < 8; turn++)
    gone.end({ ...failing, startedAt: 0, endedAt: 1, target: "", instance: "", spanId: "" });
  assert.equal(bed.chosen(), "b");
});

test("a failure that comes fast is no measure of speed", (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", { ...good, firstByteAt: 40, endedAt: 45 });
  bed.ends("a", { ...failing, firstByteAt: 1, endedAt: 1 });
  bed.ends("a", { outcome: "refused", endedAt: 1 });
  assert.equal(Math.round(bed.instance("a").latency), 40);
  bed.ends("a", { outcome: "timeout", endedAt: 3_000 });
  assert.equal(Math.round(bed.instance("a").latency), 3_000);
});
