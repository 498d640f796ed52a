import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createAdmin } from "@tandem/kernel/admin/admin";
import { adminSchema } from "@tandem/kernel/admin/config";
import { createReadiness } from "@tandem/kernel/admin/readiness";
import { Secret } from "@tandem/platform/config/secret";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { StoreUnavailable } from "@tandem/platform/store/store";
import { ask, fixedClock, keepingLogger } from "@tandem/platform/testing";
import { openRevocations } from "./open-revocations.ts";
import { revocationSections } from "./revocation-sections.ts";
import { credential, optionsWith, refusal } from "./testing.ts";
import { tokenDigest } from "./token-digest.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const day = 86_400_000;
const bearer = { authorization: "Bearer the-admin-token", "content-type": "application/json" };

async function admin(t: TestContext, { store = new MemoryStore(), maxEntries = 100 } = {}) {
  const clock = fixedClock(now);
  const logger = keepingLogger();
  const revocations = await openRevocations(optionsWith({ maxEntries }), { store, isShared: false, logger, clock });
  t.after(() => revocations.close());
  const plane = createAdmin({
    config: { ...adminSchema({ port: 0 }).parse(undefined), token: new Secret("the-admin-token") },
    readiness: createReadiness({}),
    metrics: (_, response) => void response.end(),
    view: () => ({}),
    sections: revocationSections({ revocations, keep: 2 * day, clock, logger }),
    requestId: () => "request-1",
    logger: silentLogger,
  });
  const { port } = await plane.listen();
  t.after(() => plane.close());
  return {
    revocations,
    logger,
    post: (body: unknown, headers: Record<string, string> = bearer) =>
      ask(port, "/revocations", {
        method: "POST",
        headers,
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    get: (headers = bearer) => ask(port, "/revocations", { headers }),
  };
}

const inTwoDays = "2026-03-03T12:00:00.000Z";
const wanted: { body: Record<string, string>; shown: Record<string, string>; meets: ReturnType<typeof credential> }[] =
  [
    {
      body: { kind: "token", digest: tokenDigest("a.b.c") },
      shown: { kind: "token", digest: tokenDigest("a.b.c"), until: inTwoDays },
      meets: credential({ text: "a.b.c" }),
    },
    {
      body: { kind: "id", id: "7", issuer: "https://a.test", until: "2026-03-01T14:00:00+01:00" },
      shown: { kind: "id", id: "7", issuer: "https://a.test", until: "2026-03-01T13:00:00.000Z" },
      meets: credential({ marks: { id: "7" }, principal: { issuer: "https://a.test" } }),
    },
    {
      body: { kind: "subject", subject: "me" },
      shown: { kind: "subject", subject: "me", before: "2026-03-01T12:00:00.000Z", until: inTwoDays },
      meets: credential({ marks: { issuedAt: now / 1000 } }),
    },
    {
      body: { kind: "client", client: "app", before: "2026-03-01T11:00:00Z" },
      shown: { kind: "client", client: "app", before: "2026-03-01T11:00:00.000Z", until: inTwoDays },
      meets: credential({ principal: { client: "app" }, marks: { issuedAt: now / 1000 - 3600 } }),
    },
    {
      body: { kind: "session", session: "s" },
      shown: { kind: "session", session: "s", until: inTwoDays },
      meets: credential({ marks: { session: "s" } }),
    },
    {
      body: { kind: "key", keyId: "k" },
      shown: { kind: "key", keyId: "k", until: inTwoDays },
      meets: credential({ marks: { keyId: "k" } }),
    },
  ];
for (const { body, shown, meets } of wanted)
  test(`the admin plane takes back ${JSON.stringify(body)}, and shows it`, async (t) => {
    const { post, get, revocations, logger } = await admin(t);
    const { status, json } = await post(body);
    assert.deepEqual([status, json], [201, { revoked: shown, shared: false }]);
    assert.equal(refusal(revocations, meets), "token.revoked");
    assert.deepEqual((await get()).json, { total: 1, blind: false, shared: false, revocations: [shown] });
    assert.equal(logger.lines.at(-1)?.message, "revoked");
  });

const refused: { name: string; body: unknown; says: RegExp; status?: number }[] = [
  { name: "nothing", body: "", says: /kind: missing/ },
  { name: "no JSON", body: "{", says: /^$/ },
  { name: "a list", body: [], says: /expected a mapping/ },
  { name: "no kind", body: { id: "7" }, says: /kind/ },
  { name: "another kind", body: { kind: "user", user: "me" }, says: /kind.*"user"/s },
  { name: "a kind without its name", body: { kind: "id" }, says: /^id: missing/ },
  { name: "a mistyped member", body: { kind: "id", id: "7", isuer: "a" }, says: /did you mean issuer/ },
  { name: "a token as it is", body: { kind: "token", token: "a.b.c" }, says: /digest/ },
  { name: "a short digest", body: { kind: "token", digest: "abc" }, says: /digest: .*SHA-256/ },
  { name: "a time that is none", body: { kind: "id", id: "7", until: "tomorrow" }, says: /until: expected a time/ },
  { name: "an end that has passed", body: { kind: "id", id: "7", until: "2026-03-01T12:00:00Z" }, says: /is over/ },
  { name: "an end too far", body: { kind: "id", id: "7", until: "2038-01-01T00:00:00Z" }, says: /ten years/ },
  {
    name: "a time to come",
    body: { kind: "subject", subject: "me", before: "2026-03-01T12:01:01Z" },
    says: /before: is in the future/,
  },
  { name: "too much", body: { kind: "id", id: "x".repeat(20_000) }, says: /^$/, status: 413 },
];
for (const { name, body, says, status = 400 } of refused)
  test(`the admin plane refuses ${name} with a problem that says why`, async (t) => {
    const { post, revocations } = await admin(t);
    const answer = await post(body);
    assert.equal(answer.status, status);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.match(answer.json.detail ?? "", says);
    assert.equal(revocations.stats.inForce, 0);
  });

test("nobody without the admin token revokes anything, or sees what was", async (t) => {
  const { post, get, revocations } = await admin(t);
  const stranger = { ...bearer, authorization: "Bearer another" };
  assert.equal((await post(wanted[1]!.body, stranger)).status, 401);
  assert.equal((await get(stranger)).status, 401);
  assert.equal(revocations.stats.inForce, 0);
});

test("where the store does not answer the operator is told what counts, and where", async (t) => {
  const store = new MemoryStore();
  const { post, revocations } = await admin(t, { store });
  store.append = () => Promise.reject(new StoreUnavailable("no"));
  const { status, json } = await post({ kind: "id", id: "7" });
  assert.equal(status, 503);
  assert.match(json.detail, /counts in this gateway/);
  assert.equal(refusal(revocations, credential({ marks: { id: "7" } })), "token.revoked");
});

test("where there is no room the operator is told that nothing was taken back", async (t) => {
  const { post, revocations } = await admin(t, { maxEntries: 10 });
  for (let at = 0; at < 9; at++) assert.equal((await post({ kind: "id", id: `${at}` })).status, 201);
  const { status, json } = await post({ kind: "id", id: "9" });
  assert.equal(status, 503);
  assert.match(json.detail, /too many/);
  assert.equal(refusal(revocations, credential({ marks: { id: "9" } })), undefined);
});
