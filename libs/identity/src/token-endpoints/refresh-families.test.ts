import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test, type TestContext } from "node:test";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { StoreUnavailable, type Count, type Store } from "@tandem/platform/store/store";
import { fixedClock, until } from "@tandem/platform/testing";
import { stores } from "../opaque/testing.ts";
import type { Revocations, Revoked } from "../revocation/revocations.ts";
import { RefreshFamilies } from "./refresh-families.ts";
import { openTestIssuer } from "./testing.ts";

const granted = { id: "family", client: "app", subject: "me", scopes: ["a"], roles: [], tenant: "acme" };

const session = { kind: "session", session: "family", issuer: "https://gateway.test" };

interface World {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly options?: object;
  readonly revocations?: Revocations;
}

async function open(t: TestContext, { store = new MemoryStore(), clock = systemClock, options, ...more }: World = {}) {
  const { issuer } = await openTestIssuer(t, { options: { refreshTokens: options ?? {} } });
  return new RefreshFamilies({ issuer: issuer.options, store, clock, ...more });
}

/** Uses a token as the grant does. */
async function use(families: RefreshFamilies, token: string): Promise<string | undefined> {
  const found = await families.find(token);
  return found && families.rotate(found);
}

/** Notes what was taken back. */
function noting(): Revocations & { readonly revoked: { what: Revoked; until: number }[] } {
  const revoked: { what: Revoked; until: number }[] = [];
  return { revoked, revoke: async (what, end) => void revoked.push({ what, until: end }), condition: () => {} };
}

for (const { name, open: openStore, skip } of stores) {
  test(`in the ${name} store each token leads to the next, wherever it is used`, { skip }, async (t) => {
    const { store, other } = await openStore(t);
    const [here, there] = [await open(t, { store }), await open(t, { store: other })];
    const first = await here.begin(granted);
    assert.match(first, /^tdr_[0-9A-Za-z]{49}$/);
    const second = (await use(there, first)) ?? "";
    const third = (await use(here, second)) ?? "";
    assert.equal(new Set([first, second, third]).size, 3);
    const { iss, issuedAt, expires, ...kept } = (await there.find(third))!.family;
    assert.deepEqual(kept, granted);
    assert.equal(iss, "https://gateway.test");
    assert.ok(Math.abs(expires - issuedAt - 86_400) <= 1);
  });

  test(
    `of twenty who use one token at once in the ${name} store one wins, and the family ends`,
    { skip },
    async (t) => {
      const { store, other } = await openStore(t);
      const revocations = noting();
      const families = [await open(t, { store, revocations }), await open(t, { store: other, revocations })];
      const token = await families[0]!.begin(granted);
      const found = await Promise.all(Array.from({ length: 20 }, (_, at) => families[at % 2]!.find(token)));
      const nexts = await Promise.all(found.map((each, at) => families[at % 2]!.rotate(each!)));
      const won = nexts.filter((next) => next !== undefined);
      assert.equal(won.length, 1);
      assert.equal(await families[0]!.find(won[0]!), undefined);
      assert.equal(await families[1]!.find(token), undefined);
      for (const { what } of revocations.revoked) assert.deepEqual(what, session);
      assert.equal(revocations.revoked.length, 19);
    },
  );

  test(
    `with a grace twenty who use one token at once in the ${name} store get one and the same`,
    { skip },
    async (t) => {
      const { store, other } = await openStore(t);
      const options = { grace: "10s" };
      const families = [await open(t, { store, options }), await open(t, { store: other, options })];
      const token = await families[0]!.begin(granted);
      const nexts = await Promise.all(Array.from({ length: 20 }, (_, at) => use(families[at % 2]!, token)));
      assert.equal(new Set(nexts).size, 1);
      assert.match((await use(families[1]!, nexts[0]!)) ?? "", /^tdr_/);
    },
  );

  test(
    `an old token ends its family in the ${name} store, also for the one who has the newest`,
    { skip },
    async (t) => {
      const { store } = await openStore(t);
      const families = await open(t, { store });
      const [first, stranger] = [await families.begin(granted), await families.begin({ ...granted, id: "another" })];
      const second = (await use(families, first))!;
      const third = (await use(families, second))!;
      assert.equal(await use(families, first), undefined);
      for (const token of [first, second, third]) assert.equal(await families.find(token), undefined);
      assert.ok(await families.find(stranger), "another family lives on");
    },
  );

  test(`no token is in the ${name} store, only its hash`, { skip }, async (t) => {
    const { store } = await openStore(t);
    const seen: string[] = [];
    const watched = new Proxy(store, {
      get(target, name_) {
        const method = Reflect.get(target, name_);
        return typeof method === "function"
          ? (...given: unknown[]) => (seen.push(...given.map(String)), Reflect.apply(method, target, given))
          : method;
      },
    });
    const families = await open(t, { store: watched, options: { grace: "10s" } });
    const first = await families.begin(granted);
    const second = (await use(families, first))!;
    for (const token of [first, second]) {
      assert.ok(seen.every((text) => !text.includes(token)));
      assert.ok(seen.some((text) => text.includes(hash("sha256", token, "base64url"))));
    }
  });

  test(`an unused token ends after a while in the ${name} store`, { skip }, async (t) => {
    const { store } = await openStore(t);
    const families = await open(t, { store, options: { idle: "1s" } });
    const token = await families.begin(granted);
    assert.ok(await families.find(token));
    await until("the token has ended", async () => (await families.find(token)) === undefined);
  });
}

test("the grace ends, and a use after it ends the family", async (t) => {
  const clock = fixedClock(1_700_000_000_000);
  const families = await open(t, { store: new MemoryStore({ clock }), clock, options: { grace: "5s" } });
  const first = await families.begin(granted);
  const second = await use(families, first);
  clock.advance(4999);
  assert.equal(await use(families, first), second);
  clock.advance(1);
  assert.equal(await use(families, first), undefined);
  assert.equal(await families.find(second!), undefined);
});

test("a family ends in time, however busily it is used, and sooner where it was begun for less", async (t) => {
  const clock = fixedClock(1_700_000_000_000);
  const families = await open(t, { store: new MemoryStore({ clock }), clock });
  for (const { notAfter, hours } of [
    { notAfter: undefined, hours: 24 },
    { notAfter: clock.now() / 1000 + 2 * 3600, hours: 2 },
    { notAfter: clock.now() / 1000 + 90 * 3600, hours: 24 },
  ]) {
    const start = clock.now();
    let token: string | undefined = await families.begin(
      granted,
      notAfter && notAfter + (start - 1_700_000_000_000) / 1000,
    );
    let turns = 0;
    for (; token !== undefined; turns++) {
      clock.advance(1_800_000);
      token = await use(families, token);
    }
    assert.equal(turns, hours * 2, `${hours} hours`);
  }
});

test("each use starts a new while", async (t) => {
  const clock = fixedClock(1_700_000_000_000);
  const families = await open(t, { store: new MemoryStore({ clock }), clock });
  let token = await families.begin(granted);
  for (let turn = 0; turn < 3; turn++) {
    clock.advance(3_599_000);
    token = (await use(families, token))!;
  }
  clock.advance(3_600_000);
  assert.equal(await families.find(token), undefined);
});

test("what a family gave is taken back for longer than any of it lives", async (t) => {
  const clock = fixedClock(1_700_000_000_000);
  const revocations = noting();
  const families = await open(t, { store: new MemoryStore({ clock }), clock, revocations });
  await families.end((await families.find(await families.begin(granted)))!.family);
  assert.deepEqual(revocations.revoked, [{ what: session, until: 1_700_000_000_000 + 660_000 }]);
});

test("where nothing can be taken back at the moment, the family is there for another try", async (t) => {
  const failing: Revocations = { revoke: () => Promise.reject(new StoreUnavailable("down")), condition: () => {} };
  const families = await open(t, { revocations: failing });
  const token = await families.begin(granted);
  await use(families, token);
  await assert.rejects(use(families, token), StoreUnavailable);
  assert.ok(await families.find(token));
});

/** Notes a use, and says that it could not: as a store whose answer comes too late. */
class LateStore extends MemoryStore {
  isLate = true;

  override async increment(key: string, ttlMs: number): Promise<Count> {
    const count = await super.increment(key, ttlMs);
    if (this.isLate) throw new StoreUnavailable("too late");
    return count;
  }
}

for (const { name, options, again } of [
  { name: "ends the family", options: {}, again: undefined },
  { name: "costs nothing within the grace", options: { grace: "5s" }, again: /^tdr_/ },
])
  test(`a use that the store noted, but answered too late, ${name}`, async (t) => {
    const store = new LateStore();
    const families = await open(t, { store, options });
    const token = await families.begin(granted);
    await assert.rejects(use(families, token), StoreUnavailable);
    store.isLate = false;
    const next = await use(families, token);
    if (again) assert.match(next ?? "", again);
    else assert.equal(await families.find(token), undefined);
  });

test("a gateway of another issuer finds nothing", async (t) => {
  const store = new MemoryStore();
  const token = await (await open(t, { store })).begin(granted);
  const { issuer } = await openTestIssuer(t, { options: { issuer: "https://other.test" } });
  const other = new RefreshFamilies({ issuer: issuer.options, store, clock: systemClock });
  assert.equal(await other.find(token), undefined);
});

const notGood = ["", "tdr_", "x", `tdo_${"0".repeat(49)}`, `tdr_${"0".repeat(49)}`, "tdr_".repeat(500)];
for (const token of notGood)
  test(`${JSON.stringify(token.slice(0, 60))} is not even looked for`, async (t) => {
    const store = new MemoryStore();
    await store.close();
    assert.equal(await (await open(t, { store })).find(token), undefined);
  });

for (const kept of ["", "[]", "{", "null", '{"family":1,"life":1}', '{"family":"family"}'])
  test(`a record such as ${JSON.stringify(kept)} is worth nothing`, async (t) => {
    const store = new MemoryStore();
    const families = await open(t, { store });
    const token = await families.begin(granted);
    await store.set(`refresh:${hash("sha256", token, "base64url")}`, kept, 60_000);
    assert.equal(await families.find(token), undefined);
  });

for (const kept of ["", "[]", '{"id":"family","iss":"https://gateway.test"}'])
  test(`a family such as ${JSON.stringify(kept)} is worth nothing`, async (t) => {
    const store = new MemoryStore();
    const families = await open(t, { store });
    const token = await families.begin(granted);
    await store.set("refresh-family:family", kept, 60_000);
    assert.equal(await families.find(token), undefined);
  });
