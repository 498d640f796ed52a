import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLogger } from "../log/silent-logger.ts";
import { fixedClock, keepingLogger, until } from "../testing.ts";
import { MemoryStore } from "./memory-store.ts";
import { openRedisStore } from "./redis-store.ts";
import { type LogEntry, type Store, StoreUnavailable } from "./store.ts";
import { startRedis, withoutRedis } from "./testing.ts";

interface Twin {
  readonly store: Store;
  /** The store as another gateway sees it. */
  readonly other: Store;
  elapse(ms: number): Promise<void>;
}

async function memory(): Promise<Twin> {
  const clock = fixedClock();
  const store = new MemoryStore({ clock });
  return { store, other: store, elapse: async (ms) => clock.advance(ms) };
}

async function redis(t: TestContext): Promise<Twin> {
  const { url } = await startRedis(t);
  const open = async (): Promise<Store> => {
    const store = await openRedisStore({ url, logger: silentLogger, prefix: "test:", commandTimeoutMs: 5000 });
    t.after(() => store.close());
    return store;
  };
  return { store: await open(), other: await open(), elapse: (ms) => sleep(ms) };
}

const line = (text: string, ttlMs = 60_000): LogEntry => ({ text, ttlMs });

const twins = [
  { name: "memory", create: memory, skip: false },
  { name: "redis", create: redis, skip: withoutRedis() },
];

/** What every store owes; one Redis for each test would be slow, so each uses keys of its own. */
for (const { name, create, skip } of twins) {
  test(`the ${name} store keeps the contract`, { skip }, async (t) => {
    const twin = await create(t);
    const { store, other } = twin;

    await t.test("what was set is there for all, until it is deleted", async () => {
      assert.equal(await store.get("a"), undefined);
      await store.set("a", "1", 60_000);
      await store.set("a", "2", 60_000);
      assert.equal(await other.get("a"), "2");
      assert.equal(await other.delete("a"), true);
      assert.equal(await store.delete("a"), false);
      assert.equal(await store.get("a"), undefined);
    });

    await t.test("any text is a key and a value", async () => {
      for (const text of ["", " ", "ä\u0000\n", "__proto__", "x".repeat(10_000)]) {
        await store.set(text, text, 60_000);
        assert.equal(await store.get(text), text);
      }
    });

    await t.test("what was set ends with its time to live, and setting it again starts a new one", async () => {
      await store.set("short", "1", 60);
      await store.set("renewed", "1", 60);
      await store.set("renewed", "2", 60_000);
      await twin.elapse(100);
      assert.equal(await store.get("short"), undefined);
      assert.equal(await store.delete("short"), false);
      assert.equal(await store.get("renewed"), "2");
    });

    await t.test("of many who set it where nothing is set, one does", async () => {
      const set = await Promise.all(
        [store, other, store, other].map((each, at) => each.setIfAbsent("once", `${at}`, 60)),
      );
      assert.equal(set.filter(Boolean).length, 1);
      assert.equal(await store.get("once"), String(set.indexOf(true)));
      await twin.elapse(100);
      assert.equal(await store.setIfAbsent("once", "again", 60), true);
    });

    await t.test("counting loses nothing, and its time to live starts with the first", async () => {
      const counts = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (at % 2 ? store : other).increment("count", 800)),
      );
      assert.deepEqual(
        counts.map(({ count }) => count).toSorted((a, b) => a - b),
        Array.from({ length: 50 }, (_, at) => at + 1),
      );
      await twin.elapse(50);
      const { count, ttlMs } = await store.increment("count", 60_000);
      assert.equal(count, 51);
      assert.ok(ttlMs > 0 && ttlMs <= 750, `${ttlMs}`);
      await twin.elapse(850);
      const fresh = await store.increment("count", 5000);
      assert.equal(fresh.count, 1);
      assert.ok(fresh.ttlMs > 4000 && fresh.ttlMs <= 5000);
    });

    await t.test("a count is a value like others, and what is no count cannot be counted", async () => {
      await store.set("number", "41", 60_000);
      assert.equal((await store.increment("number", 60_000)).count, 42);
      assert.equal(await store.get("number"), "42");
      await store.set("word", "x", 60_000);
      await assert.rejects(store.increment("word", 60_000), StoreUnavailable);
      assert.equal(await store.get("word"), "x", "the store is not down for that");
    });

    await t.test("the fields of a table stay, for all, beside what else is there", async () => {
      assert.equal(await store.getField("table", "a"), undefined);
      assert.deepEqual(await store.getFields("table"), new Map());
      await store.setFields("table", new Map());
      await store.setFields(
        "table",
        new Map([
          ["a", "1"],
          ["__proto__", "ä\n"],
        ]),
      );
      await other.setFields("table", new Map([["a", "2"]]));
      await twin.elapse(100);
      assert.equal(await other.getField("table", "__proto__"), "ä\n");
      assert.deepEqual(
        await store.getFields("table"),
        new Map([
          ["a", "2"],
          ["__proto__", "ä\n"],
        ]),
      );
      assert.deepEqual(await store.getFields("other table"), new Map());
      assert.equal(await store.get("table"), undefined);
    });

    await t.test("of many who change one field, one does, and who comes too late is told", async () => {
      const changed = await Promise.all(
        [store, other, store].map((each, at) => each.swapField("swaps", "x", { before: undefined, after: `${at}` })),
      );
      assert.equal(changed.filter(Boolean).length, 1);
      const before = String(changed.indexOf(true));
      assert.equal(await store.swapField("swaps", "x", { before: "another", after: "y" }), false);
      assert.equal(await store.swapField("swaps", "x", { before: undefined, after: "y" }), false);
      assert.equal(await store.swapField("swaps", "x", { before, after: "" }), true);
      assert.equal(await other.getField("swaps", "x"), "");
      assert.equal(await store.swapField("swaps", "x", { before: undefined, after: "y" }), false);
      assert.equal(await store.swapField("swaps", "x", { before: "", after: undefined }), true);
      assert.equal(await other.getField("swaps", "x"), undefined);
      assert.equal(await store.swapField("swaps", "x", { before: "", after: "y" }), false);
      assert.equal(await store.swapField("swaps", "x", { before: undefined, after: undefined }), true);
    });

    await t.test("a log is read by all in one order, and read on from where a cursor stands", async () => {
      const empty = await store.readLog("log");
      assert.deepEqual([empty.entries, empty.fromStart, empty.more], [[], true, false]);
      assert.equal((await store.readLog("log", empty.cursor)).fromStart, false);
      await store.append("log", [line("one"), line("ä\n\u0000")]);
      await other.append("log", [line("three")]);
      const first = await store.readLog("log");
      assert.deepEqual([first.entries, first.fromStart], [["one", "ä\n\u0000", "three"], true]);
      assert.deepEqual((await other.readLog("log")).entries, first.entries);
      assert.deepEqual((await other.readLog("another log")).entries, []);
      await other.append("log", [line("four")]);
      const next = await store.readLog("log", first.cursor);
      assert.deepEqual([next.entries, next.fromStart], [["four"], false]);
      assert.deepEqual(await store.readLog("log", next.cursor), { ...next, entries: [] });
      await store.append("log", []);
      assert.deepEqual(await store.readLog("log", next.cursor), { ...next, entries: [] });
    });

    await t.test("a log holds the same line once, where it was first", async () => {
      await store.append("once", [line("a"), line("b"), line("a")]);
      const { cursor, entries } = await store.readLog("once");
      assert.deepEqual(entries, ["a", "b"]);
      await Promise.all([other.append("once", [line("a")]), store.append("once", [line("c")])]);
      assert.deepEqual((await store.readLog("once", cursor)).entries, ["c"]);
      assert.deepEqual((await store.readLog("once")).entries, ["a", "b", "c"]);
    });

    await t.test("a line ends with its time to live, and whoever stood behind it reads on", async () => {
      await store.append("ends", [line("long"), line("short", 1000), line("renewed", 1000)]);
      await store.append("ends", [line("renewed")]);
      const { cursor, entries } = await store.readLog("ends");
      assert.deepEqual(entries, ["long", "short", "renewed"]);
      await twin.elapse(1100);
      assert.deepEqual((await other.readLog("ends")).entries, ["long", "renewed"]);
      await store.append("ends", [line("new"), line("short")]);
      const next = await store.readLog("ends", cursor);
      assert.deepEqual([next.entries, next.fromStart], [["new", "short"], false], "what had ended is new");
      await store.append("short log", [line("x", 200)]);
      await twin.elapse(300);
      assert.deepEqual((await store.readLog("short log")).entries, []);
    });

    await t.test("a cursor of another log, or none at all, is no cursor", async () => {
      await store.append("cursors", [line("a")]);
      for (const cursor of ["", "x", "-1", "9".repeat(30), "1:x:1", "1:-:0", "::", "9".repeat(15)]) {
        const { entries, fromStart } = await store.readLog("cursors", cursor);
        assert.deepEqual([entries, fromStart], [["a"], true], cursor);
      }
    });

    await t.test("a long log is read by pages", async () => {
      const all = Array.from({ length: 2_500 }, (_, at) => `line ${at}`);
      await store.append(
        "long",
        all.map((text) => line(text)),
      );
      const read: string[] = [];
      const pages: boolean[] = [];
      for (let page = await other.readLog("long"); ; page = await other.readLog("long", page.cursor)) {
        read.push(...page.entries);
        pages.push(page.fromStart);
        if (!page.more) break;
      }
      assert.deepEqual(read, all);
      assert.deepEqual(pages, [true, false, false]);
    });

    for (const ttlMs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await t.test(`a time to live of ${ttlMs} is a mistake`, async () => {
        await assert.rejects(store.set("ttl", "x", ttlMs), RangeError);
        await assert.rejects(store.setIfAbsent("ttl", "x", ttlMs), RangeError);
        await assert.rejects(store.increment("ttl", ttlMs), RangeError);
        await assert.rejects(store.append("ttl", [line("good"), line("x", ttlMs)]), RangeError);
        assert.deepEqual((await store.readLog("ttl")).entries, []);
        assert.equal(await store.get("ttl"), undefined);
      });
    }

    await t.test("all who listen hear a message, until they stop", async () => {
      const heard: string[] = [];
      const stopFirst = await store.subscribe("news", (message) => void heard.push(`first ${message}`));
      const stopSecond = await store.subscribe("news", (message) => void heard.push(`second ${message}`));
      await store.subscribe("end", (message) => void heard.push(`end ${message}`));
      // Messages come in their order, so after the last of them nothing else comes.
      const hears = async (message: string): Promise<string[]> => {
        await other.publish("news", message);
        await other.publish("end", "x");
        await until("the last message came", () => heard.includes("end x"));
        return heard.splice(0);
      };
      assert.deepEqual(await hears("one\n\u0000ä"), ["first one\n\u0000ä", "second one\n\u0000ä", "end x"]);
      await stopFirst();
      await stopFirst();
      assert.deepEqual(await hears("two"), ["second two", "end x"]);
      await stopSecond();
      assert.deepEqual(await hears("three"), ["end x"]);
      await store.subscribe("news", (message) => void heard.push(message));
      assert.deepEqual(await hears("four"), ["four", "end x"]);
    });

    await t.test("a listener that throws harms no other", async () => {
      const heard: string[] = [];
      await store.subscribe("faulty", () => {
        throw new Error("no");
      });
      await store.subscribe("faulty", (message) => void heard.push(message));
      await other.publish("faulty", "x");
      await until("the other hears it", () => heard.length > 0);
      assert.deepEqual(heard, ["x"]);
    });

    await t.test("it is healthy, until it is closed; then every call fails", async () => {
      assert.equal(await store.healthy(), true);
      await store.close();
      assert.equal(await store.healthy(), false);
      for (const call of [
        () => store.get("a"),
        () => store.set("a", "1", 1),
        () => store.setIfAbsent("a", "1", 1),
        () => store.delete("a"),
        () => store.increment("a", 1),
        () => store.getField("a", "1"),
        () => store.getFields("a"),
        () => store.setFields("a", new Map([["1", "x"]])),
        () => store.swapField("a", "1", { before: undefined, after: "x" }),
        () => store.append("a", [line("1")]),
        () => store.readLog("a"),
        () => store.publish("a", "1"),
        () => store.subscribe("a", () => {}),
      ]) {
        await assert.rejects(call, StoreUnavailable);
      }
      await store.close();
    });
  });
}

test("a full memory store forgets what has expired, and refuses new keys rather than forget a live one", async () => {
  const clock = fixedClock();
  const store = new MemoryStore({ maxEntries: 100, clock });
  for (let at = 0; at < 100; at += 1) await store.set(`short ${at}`, "x", 1000);
  await assert.rejects(store.set("one more", "x", 1000), StoreUnavailable);
  await store.set("short 1", "y", 5000);
  await assert.rejects(store.increment("count", 1000), StoreUnavailable);
  clock.advance(2000);
  for (let at = 0; at < 99; at += 1) await store.set(`new ${at}`, "x", 1000);
  await assert.rejects(store.set("one more", "x", 1000), StoreUnavailable);
  assert.equal(await store.get("short 1"), "y");
});

test("the tables of a memory store have their limit, and hold it", async () => {
  const store = new MemoryStore({ maxEntries: 2 });
  await store.setFields("a", new Map([["1", "x"]]));
  const two = new Map([
    ["1", "y"],
    ["2", "y"],
    ["3", "y"],
  ]);
  await assert.rejects(store.setFields("a", two), StoreUnavailable);
  assert.equal(await store.getField("a", "1"), "x", "all or none");
  await store.setFields("b", new Map([["1", "x"]]));
  await assert.rejects(store.swapField("a", "2", { before: undefined, after: "x" }), StoreUnavailable);
  await store.swapField("b", "1", { before: "x", after: undefined });
  assert.equal(await store.swapField("a", "2", { before: undefined, after: "x" }), true);
});

test("a log of a memory store has its limit, makes room for what is new when something has ended, and takes all or none", async () => {
  const clock = fixedClock();
  const store = new MemoryStore({ maxEntries: 2, clock });
  await store.append("a", [line("1"), line("2", 1000)]);
  await assert.rejects(store.append("a", [line("3")]), StoreUnavailable);
  await store.append("a", [line("1"), line("2", 1000)]);
  clock.advance(1500);
  await assert.rejects(store.append("a", [line("3"), line("4")]), StoreUnavailable);
  await store.append("a", [line("3")]);
  assert.deepEqual((await store.readLog("a")).entries, ["1", "3"]);
});

test("a memory store that nobody reads does not keep what has expired", async () => {
  const clock = fixedClock();
  const store = new MemoryStore({ maxEntries: 50, clock });
  // Far more than fit, each living for ten writes: only sweeping on the way makes room.
  for (let at = 0; at < 5000; at += 1) {
    await store.set(`key ${at}`, "x", 10);
    clock.advance(1);
  }
});

test("a listener that throws is told", async () => {
  const logger = keepingLogger();
  const store = new MemoryStore({ logger });
  await store.subscribe("a", () => {
    throw new Error("no");
  });
  await store.publish("a", "x");
  await until("it is told", () => logger.lines.length > 0);
  assert.equal(logger.lines[0]?.message, "a listener of the store failed");
});
