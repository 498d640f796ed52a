import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { dryRun } from "@tandem/kernel/explain/dry-run";
import { exchangeOf } from "@tandem/kernel/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { directoryWith, fixedClock } from "@tandem/platform/testing";
import { authenticate } from "../authenticate/stage.ts";
import { createMarkedSecret } from "../marked-secret.ts";
import { createApiKeySecret } from "./api-key-secret.ts";
import { apiKeyKind } from "./api-key-strategy.ts";
import type { ApiKeys } from "./api-keys.ts";
import { openFileKeys } from "./file-keys.ts";
import { createKey, revokeKey, rotateKey } from "./manage-keys.ts";
import { storedKeys } from "./stored-keys.ts";
import { givenKey } from "./testing.ts";

const start = Date.parse("2026-11-20T00:00:00Z");
const hour = 3_600_000;

function world({ keys, store = new MemoryStore() }: { keys?: ApiKeys; store?: MemoryStore } = {}) {
  const clock = fixedClock(start);
  const used: string[] = [];
  const kept = keys ?? storedKeys(store);
  const kind = apiKeyKind({ keys: kept, clock, used: (id) => used.push(id), keepFor: keys ? undefined : 1000 });
  const stage = authenticate({ kinds: [kind], clock });
  const ask = async (secret: string) => {
    const { exchange } = exchangeOf({ rawHeaders: ["X-API-Key", secret] });
    await stage.run(exchange);
    return exchange.principal;
  };
  return { clock, used, keys: kept, store, stage, ask };
}

const refusal = async (asked: Promise<unknown>): Promise<GatewayError> => {
  const error = await asked.then(
    () => assert.fail("it was let in"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatewayError);
  return error;
};

test("a key is its owner, with what the key may do and the key as the client", async () => {
  const { keys, clock, ask, used } = world();
  const given = givenKey({ roles: ["clerk"], tenant: "north", expiresAt: start + hour });
  const { key, secret } = await createKey(keys, given, { clock });
  assert.deepEqual(await ask(secret), {
    subject: "reports",
    client: key.id,
    scopes: ["orders:read"],
    roles: ["clerk"],
    tenant: "north",
    method: "api-key",
    expires: (start + hour) / 1000,
  });
  assert.deepEqual(used, [key.id]);
});

test("a key without an end has none", async () => {
  const { keys, clock, ask } = world();
  const { secret } = await createKey(keys, givenKey(), { clock });
  assert.equal((await ask(secret)).expires, undefined);
});

const secret = createApiKeySecret();
const malformed = [
  { name: "an empty one", text: "" },
  { name: "a word", text: "letmein" },
  { name: "one with a wrong checksum", text: `${secret.slice(0, -1)}${secret.endsWith("x") ? "y" : "x"}` },
  { name: "one that is cut", text: secret.slice(0, -1) },
  { name: "one that goes on", text: `${secret}0` },
  { name: "one of another kind", text: createMarkedSecret("tdo") },
  { name: "one with a label that nobody can have", text: createMarkedSecret("tdm_Demo") },
  { name: "one with two labels", text: createMarkedSecret("tdm_a_b") },
  { name: "one in other letters", text: secret.toUpperCase() },
];
for (const { name, text } of malformed)
  test(`a malformed key is refused before anybody is asked: ${name}`, async () => {
    const keys = { ...storedKeys(new MemoryStore()), find: () => assert.fail("the keys were asked") };
    const error = await refusal(world({ keys }).ask(text));
    assert.deepEqual([error.code, error.status], ["credentials.invalid", 401]);
    assert.equal(error.headers["www-authenticate"], 'ApiKey realm="tandem"');
  });

test("one that nobody made looks to its bearer like a malformed one", async () => {
  const { ask } = world();
  const [unknown, broken] = [await refusal(ask(secret)), await refusal(ask("x"))];
  const shown = ({ code, headers, detail, members }: GatewayError) => ({ code, headers, detail, members });
  assert.deepEqual(shown(unknown), shown(broken));
});

test("no refusal holds anything of the key", async () => {
  const { keys, clock, ask } = world();
  const made = await createKey(keys, givenKey(), { clock });
  await revokeKey(keys, made.key.id, { clock });
  for (const text of [secret, made.secret, `${secret}x`]) {
    const { message, detail, cause, headers, members } = await refusal(ask(text));
    const told = JSON.stringify([message, detail, String(cause), headers, members]);
    for (let at = 0; at + 12 < text.length; at += 6) assert.ok(!told.includes(text.slice(at, at + 12)), told);
  }
});

test("whoever holds a key that was good is told when it has expired, and no more when it is revoked", async () => {
  const { keys, clock, ask } = world();
  const expiring = await createKey(keys, givenKey({ expiresAt: start + hour }), { clock });
  const revoked = await createKey(keys, givenKey(), { clock });
  await ask(expiring.secret);
  await revokeKey(keys, revoked.key.id, { clock });
  assert.equal((await refusal(ask(revoked.secret))).code, "credentials.invalid");
  clock.advance(hour - 1);
  await ask(expiring.secret);
  clock.advance(1);
  const { code, headers } = await refusal(ask(expiring.secret));
  assert.deepEqual([code, headers["www-authenticate"]], ["credentials.expired", 'ApiKey realm="tandem"']);
});

test("after a rotation both secrets are good until the overlap ends, to the millisecond", async () => {
  const { keys, clock, ask } = world();
  const { key, secret: first } = await createKey(keys, givenKey(), { clock });
  const { secret: second = "" } = (await rotateKey(keys, key.id, { clock, overlap: hour })) ?? {};
  assert.equal((await ask(first)).expires, (start + hour) / 1000);
  assert.equal((await ask(second)).expires, undefined);
  clock.advance(hour - 1);
  await ask(first);
  clock.advance(1);
  assert.equal((await refusal(ask(first))).code, "credentials.expired");
  await ask(second);
});

test("a key in the store that is revoked elsewhere is refused after a second at most", async () => {
  const { keys, clock, ask, used, store } = world();
  const { key, secret: good } = await createKey(keys, givenKey(), { clock });
  await ask(good);
  clock.advance(999);
  await ask(good);
  assert.equal(used.length, 1, "within the second the store is not asked again");
  await revokeKey(storedKeys(store), key.id, { clock });
  clock.advance(1);
  assert.equal((await refusal(ask(good))).code, "credentials.invalid");
});

test("without the store nobody can tell: 503, also for keys that were good a second ago", async () => {
  const { keys, clock, ask, store } = world();
  const { secret: good } = await createKey(keys, givenKey(), { clock });
  await ask(good);
  await store.close();
  await ask(good);
  clock.advance(1000);
  for (const text of [good, secret]) {
    const { code, status, headers } = await refusal(ask(text));
    assert.deepEqual([code, status, headers["retry-after"]], ["identity.unavailable", 503, "1"]);
  }
  assert.equal((await refusal(ask("malformed"))).status, 401);
});

test("what the store holds of a key and cannot be read lets nobody in", async () => {
  const { keys, clock, ask, store } = world();
  const { key, secret: good } = await createKey(keys, givenKey(), { clock });
  for (const text of ["", "{}", "null", '{"id":"ak_aaaa"}']) {
    await store.setFields("api-keys", new Map([[key.id, text]]));
    assert.equal((await refusal(ask(good))).code, "identity.unavailable");
  }
});

test("an index that leads to another key lets nobody in", async () => {
  const { keys, clock, ask, store } = world();
  const [one, other] = [await createKey(keys, givenKey(), { clock }), await createKey(keys, givenKey(), { clock })];
  const [[digest = ""] = []] = await store.getFields("api-keys:by-digest");
  const wrong = one.key.hash === digest ? other : one;
  await store.setFields("api-keys:by-digest", new Map([[digest, wrong.key.id]]));
  const moved = wrong === other ? one.secret : other.secret;
  assert.equal((await refusal(ask(moved))).code, "credentials.invalid");
});

function fileWorld(t: TestContext) {
  const file = join(directoryWith(t, { "keys.yaml": "keys: []" }), "keys.yaml");
  const keys = openFileKeys(file, { logger: silentLogger, interval: 10 });
  t.after(() => keys.close());
  return { ...world({ keys }), file };
}

test("a key in a file that is revoked is forgotten at once", async (t) => {
  const { keys, clock, ask, used } = fileWorld(t);
  const { key, secret: good } = await createKey(keys, givenKey(), { clock });
  await ask(good);
  clock.advance(59_000);
  await ask(good);
  assert.equal(used.length, 1, "nothing has changed, so nobody looks again");
  await revokeKey(keys, key.id, { clock });
  assert.equal((await refusal(ask(good))).code, "credentials.invalid");
});

test("a dry run knows a key, and leaves no trace of that: neither its use nor a verdict", async () => {
  const { keys, clock, stage, ask, used } = world();
  const { key, secret } = await createKey(keys, givenKey(), { clock });
  const dry = async () => dryRun([stage], exchangeOf({ rawHeaders: ["x-api-key", secret] }).exchange.request);
  const { principal, steps } = await dry();
  assert.deepEqual([principal.client, used], [key.id, []]);
  assert.deepEqual(steps, [{ stage: "authenticate", evidence: { credential: "api-key", good: true, principal } }]);
  await ask(secret);
  assert.deepEqual(used, [key.id], "the next real request is the first one");
  assert.doesNotMatch(JSON.stringify(steps), new RegExp(secret));
});

test("whoever asks for a dry run may say who calls; a request never may", async () => {
  const { stage } = world();
  const caller = { subject: "ann", scopes: ["a"], roles: [], method: "jwt" } as const;
  const { request } = exchangeOf({ rawHeaders: ["x-api-key", "nonsense"] }).exchange;
  const { principal, steps } = await dryRun([stage], request, { caller });
  assert.equal(principal, caller);
  assert.deepEqual(steps[0]?.evidence, { credential: "given by whoever asks", good: true, principal });
});
