import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { errors } from "undici";
import { bench, endpoint, idOf } from "./bench.testing.ts";
import { attemptNote } from "./testing.ts";

test("before discovery has answered there is nobody, and the pool is not ready", async (t) => {
  const { pool, tell, chosen } = bench(t);
  let ready = false;
  void pool.ready.then(() => (ready = true));
  await settled();
  assert.equal(ready, false);
  assert.equal(chosen(), "no-instance");
  tell();
  await settled();
  assert.equal(ready, true, "an empty answer is an answer");
  assert.equal(chosen(), "no-instance");
});

test("everybody that discovery names takes part", (t) => {
  const { tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"), endpoint("c"));
  assert.equal(chosen(), "a b c");
});

test("discovery is asked for the service's name there", (t) => {
  assert.equal(bench(t).watching, "orders");
  t.mock.timers.reset();
  assert.equal(bench(t, { service: "orders-v2" }).watching, "orders-v2");
});

test("an instance that is not acceptable is left out, whatever discovery says", (t) => {
  const { tell, chosen, made } = bench(t, { accepts: ({ origin }) => origin.startsWith("https:") });
  tell(endpoint("a"), { ...endpoint("b"), origin: "https://b:443" });
  assert.equal(chosen(), "b");
  assert.deepEqual(made, ["https://b:443"]);
});

test("an instance stays the same over changes, and so do its connections", (t) => {
  const { tell, made, closed, instance } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  const before = instance("a");
  tell(endpoint("c"), endpoint("a"));
  assert.equal(instance("a"), before);
  assert.deepEqual(made, ["http://a:80", "http://b:80", "http://c:80"]);
  assert.deepEqual(closed, ["http://b:80"]);
});

test("an origin that is named twice is one instance with one set of connections", async (t) => {
  const { pool, tell, made, closed } = bench(t);
  tell(endpoint("a"), { ...endpoint("a", 3), id: "a-again" });
  assert.deepEqual(made, ["http://a:80"]);
  assert.deepEqual(
    pool.instances.map(({ id }) => id),
    ["a-again"],
  );
  await pool.close();
  assert.deepEqual(closed, made);
});

test("a new weight and a new id are taken over", (t) => {
  const { pool, tell, exchange } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  tell({ ...endpoint("a", 3), id: "a-restarted" }, endpoint("b"));
  const ids = Array.from({ length: 4 }, () => idOf(pool.pick(exchange, [])));
  assert.deepEqual(
    ids.toSorted((a, b) => a.localeCompare(b)),
    ["a-restarted", "a-restarted", "a-restarted", "b"],
  );
});

test("an instance that was taken away is not chosen again, and closes when its last exchange has ended", async (t) => {
  const { pool, tell, chosen, closed, instance } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  const leaving = instance("a");
  leaving.begin();
  leaving.begin();
  tell(endpoint("b"));
  assert.equal(chosen(), "b");
  assert.equal(pool.view().leaving, 1);
  leaving.end(attemptNote());
  assert.deepEqual(closed, []);
  leaving.end(attemptNote());
  assert.deepEqual(closed, ["http://a:80"]);
  await settled();
  assert.equal(pool.view().leaving, 0);
});

test("one that comes back while exchanges run is the same, and does not close", (t) => {
  const { pool, tell, made, closed, instance } = bench(t);
  tell(endpoint("a"));
  const same = instance("a");
  same.begin();
  tell();
  tell(endpoint("a"));
  assert.equal(instance("a"), same);
  same.end(attemptNote());
  assert.deepEqual(closed, []);
  assert.equal(made.length, 1);
  assert.equal(pool.view().leaving, 0);
});

test("one that comes back after it was closed is new", (t) => {
  const { tell, made, closed } = bench(t);
  tell(endpoint("a"));
  tell();
  tell(endpoint("a"));
  assert.equal(made.length, 2);
  assert.equal(closed.length, 1);
});

test("those tried are not chosen again, until nobody is left", (t) => {
  const { pool, tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  const [a, b] = pool.instances;
  assert.equal(chosen(a), "b");
  assert.equal(chosen(a, b), "no-instance");
});

test("one that refused gets nothing until a connection opens", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.pool.avoid(bed.instance("a"));
  assert.equal(bed.chosen(), "b");
  assert.equal(bed.pool.view().instances.find(({ id }) => id === "a")?.state, "unreachable");
  await bed.pass(999);
  assert.equal(bed.chosen(), "b", "nobody has looked yet");
  bed.knocks = { ok: false };
  await bed.pass(1);
  await bed.pass(1_000);
  assert.equal(bed.chosen(), "b", "looked twice, and nobody was there");
  bed.knocks = {};
  await bed.pass(1_000);
  assert.equal(bed.chosen(), "a b");
});

test("one that is avoided stays so over a change", async (t) => {
  const { pool, tell, chosen, pass, instance } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  pool.avoid(instance("a"));
  await pass(600);
  tell(endpoint("a"), endpoint("b"), endpoint("c"));
  assert.equal(chosen(), "b c");
  await pass(400);
  assert.equal(chosen(), "a b c");
});

test("a connection that its dispatcher could not open is seen", (t) => {
  const { tell, chosen, instance } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  instance("a").dispatcher.emit("connectionError", new URL("http://a:80"), [], new errors.UndiciError("refused"));
  assert.equal(chosen(), "b");
});

test("when everybody is avoided, nobody is", (t) => {
  const { pool, tell, chosen, instance } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  for (const instance of pool.instances) pool.avoid(instance);
  assert.equal(chosen(), "a b");
  assert.equal(chosen(instance("a")), "b");
});

test("an untried instance that is avoided is better than none", (t) => {
  const { pool, tell, chosen, instance } = bench(t);
  tell(endpoint("a"), endpoint("b"), endpoint("c"));
  pool.avoid(instance("b"));
  assert.equal(chosen(instance("a")), "c");
  assert.equal(chosen(instance("a"), instance("c")), "b");
});

test("to avoid one that has left changes nothing", (t) => {
  const { pool, tell, chosen, instance } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  const gone = instance("a");
  tell(endpoint("b"));
  pool.avoid(gone);
  assert.equal(chosen(), "b");
});

test("a closed pool watches nothing, chooses nobody, and has closed when the last exchange ends", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  const busy = bed.instance("a");
  busy.begin();
  let closed = false;
  void bed.pool.close().then(() => (closed = true));
  assert.equal(bed.watching, undefined);
  assert.equal(bed.chosen(), "no-instance");
  await settled();
  assert.deepEqual([closed, bed.closed], [false, ["http://b:80"]]);
  busy.end(attemptNote());
  await settled();
  assert.deepEqual([closed, bed.closed], [true, ["http://b:80", "http://a:80"]]);
});

test("a dispatcher that was destroyed does not keep the pool from closing", async (t) => {
  const { pool, tell, instance } = bench(t);
  tell(endpoint("a"));
  t.mock.method(instance("a").dispatcher, "close", async () => {
    throw new Error("destroyed");
  });
  await pool.close();
});
