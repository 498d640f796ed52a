import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { GatewayError } from "@tandem/contracts/errors";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { openRedisStore } from "@tandem/platform/store/redis-store";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { fixedClock, keepingLogger, until } from "@tandem/platform/testing";
import { revocationSchema } from "./config.ts";
import { openRevocations } from "./open-revocations.ts";
import { credential, openOn, optionsWith, present, refusal } from "./testing.ts";

const later = () => Date.now() + 600_000;
const withId = (id: string) => credential({ marks: { id } });

const twins = [
  {
    name: "memory",
    skip: false,
    open: async () => {
      const store = new MemoryStore();
      return { store, other: store };
    },
  },
  {
    name: "redis",
    skip: withoutRedis(),
    open: async (t: TestContext) => {
      const { url } = await startRedis(t);
      const open = async (): Promise<Store> => {
        const store = await openRedisStore({ url, logger: silentLogger });
        t.after(() => store.close());
        return store;
      };
      return { store: await open(), other: await open() };
    },
  },
];

for (const { name, skip, open } of twins)
  test(`revocations in the ${name} store`, { skip }, async (t) => {
    const { store, other } = await open(t);
    const here = await openOn(t, store);
    const there = await openOn(t, other);

    await t.test("what one gateway takes back is refused there at once, and soon in the other", async () => {
      assert.equal(refusal(here, withId("a")), undefined);
      const done = here.revoke({ kind: "id", id: "a" }, later());
      assert.equal(refusal(here, withId("a")), "token.revoked");
      await done;
      await until("the other knows", () => refusal(there, withId("a")) === "token.revoked");
      assert.equal(refusal(there, withId("b")), undefined);
    });

    await t.test("a gateway that starts later knows it from its first request on", async () => {
      const late = await openOn(t, other);
      assert.equal(refusal(late, withId("a")), "token.revoked");
      assert.equal(late.notReady(), undefined);
    });

    await t.test("revoking again, there or here, is no error and no second entry", async () => {
      const what = { kind: "session", session: "s" } as const;
      const ends = later();
      await Promise.all([here.revoke(what, ends), here.revoke(what, ends), there.revoke(what, ends)]);
      assert.equal(here.list(10).filter(({ kind }) => kind === "session").length, 1);
      const { entries } = await store.readLog("revocations");
      assert.equal(entries.filter((entry) => entry.includes("session")).length, 1);
    });

    await t.test("it counts until its end, and an end that has passed changes nothing", async () => {
      await here.revoke({ kind: "id", id: "over" }, Date.now());
      assert.equal(refusal(here, withId("over")), undefined);
      await here.revoke({ kind: "id", id: "short" }, Date.now() + 500);
      assert.equal(refusal(here, withId("short")), "token.revoked");
      await until("it has ended", () => refusal(here, withId("short")) === undefined);
    });

    await t.test("what nobody could read is not taken back anywhere", async () => {
      await assert.rejects(here.revoke({ kind: "id", id: "" }, later()));
      await assert.rejects(here.revoke({ kind: "token", digest: "short" }, later()));
      assert.equal(refusal(here, withId("")), undefined);
    });
  });

test("a revoked credential is told so, with the challenge of its scheme", async (t) => {
  const revocations = await openOn(t, new MemoryStore());
  await revocations.revoke({ kind: "id", id: "a" }, later());
  assert.throws(
    () => present(revocations, withId("a")),
    (error: GatewayError) => error.status === 401 && /error="invalid_token"/.test(error.headers["www-authenticate"]!),
  );
});

/** A store that answers or not, as a test wants. */
function moody(): Store & { fails: boolean } {
  const store = new MemoryStore();
  const mood = { fails: false };
  return new Proxy(Object.assign(store, mood), {
    get(target, name: keyof Store | "fails") {
      const own = target[name];
      if (typeof own !== "function") return own;
      return target.fails && name !== "close" ? () => Promise.reject(new StoreUnavailable("no")) : own.bind(target);
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

for (const { whenBlind, code, says } of [
  { whenBlind: "refuse", code: "identity.unavailable", says: /are refused/ },
  { whenBlind: "accept", code: undefined, says: /are accepted unchecked/ },
] as const)
  test(`a gateway that is set to ${whenBlind} does so once its store was silent for too long`, async (t) => {
    const store = moody();
    const clock = fixedClock(1_000_000_000_000);
    const logger = keepingLogger();
    const options = optionsWith({ whenBlind, blindAfter: 5000, pollEvery: 50 });
    const revocations = await openRevocations(options, { store, isShared: true, logger, clock });
    t.after(() => revocations.close());
    await revocations.revoke({ kind: "id", id: "a" }, clock.now() + 60_000);

    store.fails = true;
    await assert.rejects(revocations.revoke({ kind: "id", id: "b" }, clock.now() + 60_000), StoreUnavailable);
    await until("a look has failed", () => store.fails);
    const seen = () => ["a", "b", "c"].map((id) => refusal(revocations, withId(id)));
    clock.advance(4000);
    assert.deepEqual(seen(), ["token.revoked", "token.revoked", undefined]);
    clock.advance(3000);
    assert.deepEqual(seen(), ["token.revoked", "token.revoked", code]);
    assert.equal(revocations.stats.isBlind, true);
    assert.equal(revocations.notReady(), undefined, "the others are no better off");
    await until("it is logged", () => logger.lines.length > 0);
    assert.match(logger.lines[0]!.message, says);

    store.fails = false;
    await until("it sees again", () => !revocations.stats.isBlind);
    assert.deepEqual(seen(), ["token.revoked", "token.revoked", undefined]);
    await until("what was revoked meanwhile is written", async () => {
      const { entries } = await store.readLog("revocations");
      return entries.length === 2;
    });
    const told = logger.lines.find(({ message }) => message === "what was revoked is known again");
    assert.equal(told?.fields["unchecked"], whenBlind === "accept" ? 1 : 0);
    assert.equal(revocations.stats.unchecked, whenBlind === "accept" ? 1 : 0);
  });

for (const whenBlind of ["refuse", "accept"] as const)
  test(`a gateway that starts without its store and is set to ${whenBlind} is blind from the start`, async (t) => {
    const store = moody();
    store.fails = true;
    const revocations = await openOn(t, store, { whenBlind, pollEvery: 50 });
    assert.equal(refusal(revocations, withId("a")), whenBlind === "refuse" ? "identity.unavailable" : undefined);
    assert.equal(typeof revocations.notReady(), whenBlind === "refuse" ? "string" : "undefined");
    store.fails = false;
    await until("it sees", () => refusal(revocations, withId("a")) === undefined);
    assert.equal(revocations.notReady(), undefined);
  });

test("where there is one gateway alone, nothing can have been missed", async (t) => {
  const store = moody();
  store.fails = true;
  const revocations = await openRevocations(optionsWith(), { store, isShared: false, logger: silentLogger });
  t.after(() => revocations.close());
  assert.equal(refusal(revocations, withId("a")), undefined);
  assert.deepEqual([revocations.stats.isBlind, revocations.notReady()], [false, undefined]);
});

test("a gateway takes no more than nine tenths itself, and where the rest does not do it is blind", async (t) => {
  const store = new MemoryStore();
  const small = await openOn(t, store, { maxEntries: 10, pollEvery: 50 });
  const large = await openOn(t, store, { maxEntries: 100 });
  const short = Date.now() + 1500;
  for (let at = 0; at < 9; at++) await small.revoke({ kind: "id", id: `${at}` }, short);
  await assert.rejects(small.revoke({ kind: "id", id: "9" }, short), StoreUnavailable);
  assert.equal(refusal(small, withId("9")), undefined);
  for (let at = 10; at < 12; at++) await large.revoke({ kind: "id", id: `${at}` }, later());
  await until("it cannot hold them all", () => refusal(small, withId("x")) === "identity.unavailable");
  await until("there is room again", () => refusal(small, withId("x")) === undefined);
  assert.deepEqual([refusal(small, withId("10")), refusal(small, withId("11"))], ["token.revoked", "token.revoked"]);
});

test("what stands in the log and cannot be read is told, and the rest is read", async (t) => {
  const store = new MemoryStore();
  const first = await openOn(t, store);
  await store.append("revocations", [{ text: '{"kind":"new kind"}', ttlMs: 60_000 }]);
  await first.revoke({ kind: "id", id: "a" }, later());
  const logger = keepingLogger();
  const second = await openRevocations(optionsWith(), { store, isShared: true, logger });
  t.after(() => second.close());
  assert.equal(refusal(second, withId("a")), "token.revoked");
  assert.match(logger.lines[0]?.message ?? "", /cannot be read/);
});

test("the section is safe where it is silent, and knows no other words", () => {
  assert.deepEqual(revocationSchema.parse(undefined), {
    whenBlind: "refuse",
    blindAfter: 10_000,
    pollEvery: 250,
    keep: 30 * 86_400_000,
    maxEntries: 100_000,
  });
  for (const wrong of [{ whenBlind: "open" }, { blindAfter: "0s" }, { pollEvery: "1s" }, { keep: "0s" }, { kep: "1d" }])
    assert.equal(revocationSchema.safeParse(wrong).success, false, JSON.stringify(wrong));
});
