import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { exchangeOf } from "@tandem/kernel/testing";
import { errors, MockAgent } from "undici";
import { roundRobin } from "../balance/round-robin.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { Instance } from "./instance.ts";
import { attemptNote } from "./testing.ts";
import { createPool, type Nobody, type Pool } from "./pool.ts";

const { exchange } = exchangeOf();
const endpoint = (id: string, weight = 1): Endpoint => ({ id, origin: `http://${id}:80`, weight });

interface Bench {
  readonly pool: Pool;
  /** What discovery says from now on. */
  readonly tell: (...endpoints: Endpoint[]) => void;
  /** Who is chosen in the next six picks, each once. */
  readonly chosen: (...tried: (Instance | undefined)[]) => string;
  /** Origins made and origins closed, in order. */
  readonly made: string[];
  readonly closed: string[];
  watching: string | undefined;
}

function bench(t: TestContext, options: { service?: string; accepts?: (endpoint: Endpoint) => boolean } = {}): Bench {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let onChange: ((list: readonly Endpoint[]) => void) | undefined;
  const discovery: Discovery = {
    watch(service, listener) {
      onChange = listener;
      bed.watching = service;
      return {
        evidence: () => ({ service, source: "static", endpoints: [] }),
        close: () => (bed.watching = undefined),
      };
    },
  };
  const bed = { made: [] as string[], closed: [] as string[], watching: undefined as string | undefined };
  const dispatcherFor = (origin: string) => {
    bed.made.push(origin);
    const dispatcher = new MockAgent();
    t.mock.method(dispatcher, "close", async () => void bed.closed.push(origin));
    return dispatcher;
  };
  const balance = roundRobin({ random: () => 0 });
  const pool = createPool({ name: "orders", discovery, balance, dispatcherFor, ...options });
  return Object.assign(bed, {
    pool,
    tell: (...endpoints: Endpoint[]) => onChange?.(endpoints),
    chosen: (...tried: (Instance | undefined)[]) => {
      const refused = tried.filter((instance) => instance !== undefined);
      const ids = Array.from({ length: 6 }, () => idOf(pool.pick(exchange, refused)));
      return [...new Set(ids)].toSorted().join(" ");
    },
  });
}

const idOf = (picked: Instance | Nobody): string => (typeof picked === "string" ? "nobody" : picked.id);

const pickOf = (pool: Pool, id: string): Instance => {
  const found = pool.instances.find((instance) => instance.id === id);
  assert.ok(found, id);
  return found;
};

test("before discovery has answered there is nobody, and the pool is not ready", async (t) => {
  const { pool, tell, chosen } = bench(t);
  let ready = false;
  void pool.ready.then(() => (ready = true));
  await settled();
  assert.equal(ready, false);
  assert.equal(chosen(), "nobody");
  tell();
  await settled();
  assert.equal(ready, true, "an empty answer is an answer");
  assert.equal(chosen(), "nobody");
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
  const { pool, tell, made, closed } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  const before = pickOf(pool, "a");
  tell(endpoint("c"), endpoint("a"));
  assert.equal(pickOf(pool, "a"), before);
  assert.deepEqual(made, ["http://a:80", "http://b:80", "http://c:80"]);
  assert.deepEqual(closed, ["http://b:80"]);
});

test("a new weight and a new id are taken over", (t) => {
  const { pool, tell } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  tell({ ...endpoint("a", 3), id: "a-restarted" }, endpoint("b"));
  const ids = Array.from({ length: 4 }, () => idOf(pool.pick(exchange, [])));
  assert.deepEqual(
    ids.toSorted((a, b) => a.localeCompare(b)),
    ["a-restarted", "a-restarted", "a-restarted", "b"],
  );
});

test("an instance that was taken away is not chosen again, and closes when its last exchange has ended", async (t) => {
  const { pool, tell, chosen, closed } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  const leaving = pickOf(pool, "a");
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
  const { pool, tell, made, closed } = bench(t);
  tell(endpoint("a"));
  const same = pickOf(pool, "a");
  same.begin();
  tell();
  tell(endpoint("a"));
  assert.equal(pickOf(pool, "a"), same);
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
  assert.equal(chosen(a, b), "nobody");
});

test("one that refused is avoided for a second", (t) => {
  const { pool, tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  pool.avoid(pickOf(pool, "a"));
  assert.equal(chosen(), "b");
  assert.equal(pool.view().instances.find(({ id }) => id === "a")?.avoided, true);
  t.mock.timers.tick(999);
  assert.equal(chosen(), "b");
  t.mock.timers.tick(1);
  assert.equal(chosen(), "a b");
});

test("one that is avoided stays so over a change, and for longer if it refuses again", (t) => {
  const { pool, tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  pool.avoid(pickOf(pool, "a"));
  t.mock.timers.tick(600);
  tell(endpoint("a"), endpoint("b"), endpoint("c"));
  assert.equal(chosen(), "b c");
  pool.avoid(pickOf(pool, "a"));
  t.mock.timers.tick(600);
  assert.equal(chosen(), "b c");
  t.mock.timers.tick(400);
  assert.equal(chosen(), "a b c");
});

test("a connection that its dispatcher could not open is seen", (t) => {
  const { pool, tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  pickOf(pool, "a").dispatcher.emit("connectionError", new URL("http://a:80"), [], new errors.UndiciError("refused"));
  assert.equal(chosen(), "b");
});

test("when everybody is avoided, nobody is", (t) => {
  const { pool, tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  for (const instance of pool.instances) pool.avoid(instance);
  assert.equal(chosen(), "a b");
  assert.equal(chosen(pickOf(pool, "a")), "b");
});

test("an untried instance that is avoided is better than none", (t) => {
  const { pool, tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"), endpoint("c"));
  pool.avoid(pickOf(pool, "b"));
  assert.equal(chosen(pickOf(pool, "a")), "c");
  assert.equal(chosen(pickOf(pool, "a"), pickOf(pool, "c")), "b");
});

test("to avoid one that has left changes nothing", (t) => {
  const { pool, tell, chosen } = bench(t);
  tell(endpoint("a"), endpoint("b"));
  const gone = pickOf(pool, "a");
  tell(endpoint("b"));
  pool.avoid(gone);
  assert.equal(chosen(), "b");
});

test("a closed pool watches nothing, chooses nobody, and has closed when the last exchange ends", async (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  const busy = pickOf(bed.pool, "a");
  busy.begin();
  let closed = false;
  void bed.pool.close().then(() => (closed = true));
  assert.equal(bed.watching, undefined);
  assert.equal(bed.chosen(), "nobody");
  await settled();
  assert.deepEqual([closed, bed.closed], [false, ["http://b:80"]]);
  busy.end(attemptNote());
  await settled();
  assert.deepEqual([closed, bed.closed], [true, ["http://b:80", "http://a:80"]]);
});

test("a dispatcher that was destroyed does not keep the pool from closing", async (t) => {
  const { pool, tell } = bench(t);
  tell(endpoint("a"));
  t.mock.method(pickOf(pool, "a").dispatcher, "close", async () => {
    throw new Error("destroyed");
  });
  await pool.close();
});
