import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test, type TestContext } from "node:test";
import { systemClock } from "@tandem/platform/clock";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import type { Store } from "@tandem/platform/store/store";
import { until } from "@tandem/platform/testing";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { createMarkedSecret } from "../marked-secret.ts";
import { issueToken, type TokenFacts } from "../token-endpoints/access-token.ts";
import { openTestIssuer } from "../token-endpoints/testing.ts";
import { dropToken, keepToken } from "./kept-token.ts";
import { ownTokens } from "./own-tokens.ts";
import { openTwo, stores } from "./testing.ts";

const clock = systemClock;
const digestOf = (text: string): string => hash("sha256", text, "base64url");

/** A gateway that issues, and another that judges, over the stores given. */
async function gateways(t: TestContext, store: Store, other = store) {
  const { issuer } = await openTestIssuer(t);
  const client = issuer.options.clients.find(({ id }) => id === "sealed")!;
  const judge = ownTokens({ issuer: issuer.options, store: other, clock });
  const facts = { client, subject: "me", scopes: ["a", "b"], roles: ["clerk"], tenant: "acme" };
  return {
    issue: async (more: Partial<TokenFacts> = {}): Promise<string> =>
      (await issueToken({ ...facts, ...more }, { issuer, store, clock })).access_token,
    judge: async (text: string) => (await judge({ text, digest: digestOf(text) })).verified,
    iss: issuer.options.issuer,
  };
}

for (const { name, open, skip } of stores)
  test(`opaque tokens in the ${name} store`, { skip }, async (t) => {
    const { store, other } = await open(t);
    const { issue, judge } = await gateways(t, store, other);

    await t.test("what one gateway issues another knows, with all that it stands for", async () => {
      const confirmation = { certificate: "c".repeat(43) };
      const token = await issue({ confirmation, session: "family" });
      assert.match(token, /^tdo_[0-9A-Za-z]{49}$/);
      const { principal, marks, keepFor, ...rest } = await judge(token);
      const { expires = 0, ...who } = principal;
      assert.deepEqual(who, {
        subject: "me",
        client: "sealed",
        scopes: ["a", "b"],
        roles: ["clerk"],
        tenant: "acme",
        audiences: ["demo"],
        method: "opaque",
        issuer: "https://gateway.test",
      });
      assert.ok(Math.abs(expires - Date.now() / 1000 - 605) < 3);
      assert.match(marks.id ?? "", /^[0-9a-f-]{36}$/);
      assert.equal(marks.session, "family");
      assert.ok(Math.abs((marks.issuedAt ?? 0) - Date.now() / 1000) < 3);
      assert.equal(keepFor, 60_000);
      assert.deepEqual(rest, { confirmation });
    });

    await t.test("a token that was dropped is good nowhere any more", async () => {
      const token = await issue();
      await judge(token);
      assert.equal(await dropToken(digestOf(token), store), true);
      await assert.rejects(judge(token), { code: "token.inactive", status: 401 });
      assert.equal(await dropToken(digestOf(token), store), false);
    });

    await t.test("a token ends when it says, and is not remembered for longer", async () => {
      const token = await issue({ expires: Math.floor(Date.now() / 1000) + 2 });
      const { keepFor = Infinity } = await judge(token);
      assert.ok(keepFor <= 2000);
      await until("it ends", () => store.get(`opaque:${digestOf(token)}`).then((kept) => kept === undefined));
      await assert.rejects(judge(token), { code: "token.inactive" });
    });

    await t.test("nobody can make one up", async () => {
      await assert.rejects(judge(createMarkedSecret("tdo")), { code: "token.inactive" });
    });
  });

test("the store sees the hash of a token and never the token", async (t) => {
  const seen: unknown[] = [];
  const spied = new Proxy(new MemoryStore(), {
    get: (store, name: keyof Store) => {
      const method = store[name].bind(store) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => (seen.push(name, ...given), method(...given));
    },
  });
  const { issue, judge } = await gateways(t, spied);
  const token = await issue();
  await judge(token);
  assert.deepEqual([seen[0], seen[1]], ["set", `opaque:${digestOf(token)}`]);
  assert.ok(Number(seen[3]) > 598_000 && Number(seen[3]) <= 600_000, "it lives as long as the token");
  assert.deepEqual(seen.slice(4), ["get", seen[1]]);
  assert.doesNotMatch(JSON.stringify(seen), new RegExp(token.slice(4, 24)));
});

test("a mistyped token is told without a look at the store", async (t) => {
  const store = new MemoryStore();
  const { issue, judge } = await gateways(t, store);
  const token = await issue();
  await store.close();
  const mistyped = token.replace(/.$/, (last) => (last === "x" ? "y" : "x"));
  for (const text of [mistyped, "tdo_", `${token}0`, `${token}.`, `${token}=`])
    await assert.rejects(judge(text), { code: "token.malformed", status: 401 });
});

const others: { name: string; claims: object; code: string }[] = [
  { name: "of another issuer", claims: { iss: "https://other.test" }, code: "token.issuer" },
  { name: "for another audience", claims: { aud: "other" }, code: "token.audience" },
  { name: "from the future", claims: { iat: Date.now() / 1000 + 3600 }, code: "token.not-yet-valid" },
  { name: "that ended, while the store did not notice", claims: { exp: 1000 }, code: "token.expired" },
  { name: "without a subject", claims: { sub: undefined }, code: "token.claims" },
  { name: "bound to something unknown", claims: { cnf: { kid: "x" } }, code: "token.claims" },
];
for (const { name, claims, code } of others)
  test(`a token ${name} is refused`, async (t) => {
    const store = new MemoryStore();
    const { judge, iss } = await gateways(t, store);
    const good = { iss, sub: "me", aud: "demo", exp: Date.now() / 1000 + 600 };
    assert.equal((await judge(await keepToken(good, 60_000, store))).principal.subject, "me");
    await assert.rejects(judge(await keepToken({ ...good, ...claims }, 60_000, store)), { code, status: 401 });
  });

for (const value of ["", "{", "[]", "null", '"text"'])
  test(`${JSON.stringify(value)} in the store tells nothing of a token`, async (t) => {
    const store = new MemoryStore();
    const { judge } = await gateways(t, store);
    const token = createMarkedSecret("tdo");
    await store.set(`opaque:${digestOf(token)}`, value, 60_000);
    await assert.rejects(judge(token), { code: "identity.unavailable", status: 503 });
  });

test(
  "without Redis nobody can tell, in time, and once it is back everybody can",
  { skip: withoutRedis() },
  async (t) => {
    const redis = await startRedis(t);
    const { store, other } = await openTwo(t, redis);
    const { issue, judge } = await gateways(t, store, other);
    const token = await issue();
    const unavailable = { code: "identity.unavailable", status: 503, headers: { "retry-after": "1" } };
    const inTime = async (call: () => Promise<unknown>): Promise<void> => {
      const start = performance.now();
      await assert.rejects(call(), unavailable);
      // The store waits 150 ms; the rest is for a busy machine.
      assert.ok(performance.now() - start < 5_000);
    };
    const works = (call: () => Promise<unknown>): Promise<boolean> =>
      call().then(
        () => true,
        () => false,
      );

    redis.freeze();
    await inTime(() => judge(token));
    await inTime(() => issue());
    redis.thaw();
    await until("hung Redis is back", () => works(() => judge(token)));
    await until("it issues again", () => works(() => issue()));

    await redis.kill();
    await inTime(() => judge(token));
    await inTime(() => issue());
    await redis.start();
    await until("an empty Redis knows nothing", () =>
      judge(token).then(
        () => false,
        (error: { code: string }) => error.code === "token.inactive",
      ),
    );
  },
);
