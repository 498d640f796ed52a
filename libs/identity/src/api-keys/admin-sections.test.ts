import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createAdmin } from "@tandem/kernel/admin/admin";
import { adminSchema } from "@tandem/kernel/admin/config";
import { createReadiness } from "@tandem/kernel/admin/readiness";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { fixedClock, keepingLogger } from "@tandem/platform/testing";
import { openApiKeys } from "./open-api-keys.ts";

const token = "the-token-of-the-admin-plane";
const start = Date.parse("2026-11-20T12:00:00Z");

interface Told {
  readonly status: number;
  readonly text: string;
  readonly json: any;
}

/** The admin plane of a gateway whose keys are in the store. */
async function world(t: TestContext) {
  const [store, clock, logger] = [new MemoryStore(), fixedClock(start), keepingLogger()];
  const revoked: string[] = [];
  const revocations = {
    revoke: async (what: { kind: string; digest?: string }, until: number) =>
      void revoked.push(`${what.kind} ${what.digest} ${until - clock.now()}`),
  };
  const open = openApiKeys({ store: true, overlap: 3_600_000 }, { store, clock, logger, revocations });
  t.after(() => open.close());
  const admin = createAdmin({
    config: adminSchema({ port: 0 }).parse({ port: 0, token }),
    readiness: createReadiness({}),
    metrics: () => {},
    view: () => ({}),
    sections: open.sections,
    requestId: () => "request-1",
    logger,
  });
  const { port } = await admin.listen();
  t.after(() => admin.close());
  const call = async (line: string, body?: unknown, headers: object = {}): Promise<Told> => {
    const [method = "", path] = line.split(" ");
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, json: JSON.parse(text) };
  };
  return { call, clock, store, logger, revoked, open };
}

const given = { name: "nightly export", owner: "reports", scopes: ["orders:read"], expiresAt: "2027-01-01T00:00:00Z" };

test("a key is made, listed, shown, rotated and revoked; its secret is in two answers alone", async (t) => {
  const { call, logger, revoked, clock } = await world(t);
  const made = await call("POST /api-keys", given);
  assert.equal(made.status, 201);
  const { key, secret } = made.json;
  assert.match(secret, /^tdm_[0-9A-Za-z]{49}$/);
  const shown = {
    id: key.id,
    name: "nightly export",
    owner: "reports",
    scopes: ["orders:read"],
    state: "active",
    createdAt: "2026-11-20T12:00:00.000Z",
    expiresAt: "2027-01-01T00:00:00.000Z",
  };
  assert.deepEqual(key, shown);
  const listed = await call("GET /api-keys");
  assert.deepEqual(listed.json, { keys: [shown] });
  assert.deepEqual((await call(`GET /api-keys/${key.id}`)).json, shown);

  clock.advance(1000);
  const rotated = await call(`POST /api-keys/${key.id}/rotate`, {});
  assert.equal(rotated.status, 200);
  assert.notEqual(rotated.json.secret, secret);
  assert.deepEqual(rotated.json.key.previousUntil, ["2026-11-20T13:00:01.000Z"]);
  assert.equal(revoked.length, 0);

  const ended = await call(`DELETE /api-keys/${key.id}`);
  assert.deepEqual([ended.status, ended.json.state], [200, "revoked"]);
  assert.equal(ended.json.revokedAt, "2026-11-20T12:00:01.000Z");
  assert.equal(revoked.length, 2, "both secrets are taken back in every gateway");
  assert.match(revoked[0] ?? "", /^token [\w-]{43} 120000$/);

  const seen = [listed, await call("GET /api-keys"), await call(`GET /api-keys/${key.id}`), ended];
  const log = JSON.stringify(logger.lines);
  for (const told of [...seen.map(({ text }) => text), log])
    for (const each of [secret, rotated.json.secret]) assert.ok(!told.includes(each.slice(4)), told);
  for (const { text } of seen) assert.doesNotMatch(text, /sha256|"hash"/);
  assert.deepEqual(
    logger.lines.filter(({ fields }) => fields["keyId"] === key.id).map(({ message }) => message),
    ["an API key was made", "an API key was rotated", "an API key was revoked"],
  );
});

test("no overlap is promised that is shorter than what gateways remember", async (t) => {
  const { call } = await world(t);
  const id = (await call("POST /api-keys", given)).json.key.id;
  const { status, json } = await call(`POST /api-keys/${id}/rotate`, { overlap: "59s" });
  assert.deepEqual([status, json.type], [409, "urn:tandem:problem:request.conflict"]);
  assert.equal((await call(`POST /api-keys/${id}/rotate`, { overlap: "1m" })).status, 200);
});

test("a rotation without an overlap takes the old secret back", async (t) => {
  const { call, revoked } = await world(t);
  const { id } = (await call("POST /api-keys", given)).json.key;
  const { json } = await call(`POST /api-keys/${id}/rotate`, { overlap: "0s" });
  assert.deepEqual([json.key.previousUntil, revoked.length], [undefined, 1]);
});

const malformed: { name: string; body: unknown; headers?: object; says: RegExp }[] = [
  { name: "nothing", body: undefined, says: /name: missing/ },
  { name: "no JSON", body: "{", says: /request\.malformed/ },
  { name: "a text", body: '"x"', says: /request\.malformed/ },
  { name: "a list", body: "[]", says: /expected a mapping/ },
  {
    name: "a form",
    body: "name=x",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    says: /expected application\/json/,
  },
  { name: "no owner", body: { name: "x" }, says: /owner: missing/ },
  { name: "a mistyped field", body: { ...given, scope: [] }, says: /scope: unknown key; did you mean scopes\?/ },
  { name: "an id of one's own", body: { ...given, id: "ak_mine" }, says: /id: unknown key/ },
  { name: "a hash of one's own", body: { ...given, hash: "x" }, says: /hash: unknown key/ },
  { name: "a scope that is two", body: { ...given, scopes: ["a b"] }, says: /scopes\[0\]: a scope is/ },
  { name: "an owner of two lines", body: { ...given, owner: "a\nb" }, says: /owner: expected one line/ },
  { name: "a reference", body: { ...given, name: "${env:HOME}" }, says: /name: \$\{ is not allowed/ },
  {
    name: "more scopes than fit",
    body: { ...given, scopes: Array.from({ length: 33 }, (_, at) => `s${at}`) },
    says: /at most 32/,
  },
  { name: "a time of no kind", body: { ...given, expiresAt: "soon" }, says: /expiresAt: expected a time/ },
  { name: "a label that is no word", body: { ...given, label: "My Key" }, says: /label: a label is/ },
];
for (const { name, body, headers, says } of malformed)
  test(`no key is made of ${name}`, async (t) => {
    const { call } = await world(t);
    const { status, text, json } = await call("POST /api-keys", body, headers);
    assert.deepEqual([status, json.type], [400, "urn:tandem:problem:request.malformed"]);
    assert.match(text, says);
    assert.deepEqual((await call("GET /api-keys")).json, { keys: [] });
  });

test("a body without end is not read", async (t) => {
  const { call } = await world(t);
  const { status } = await call("POST /api-keys", { ...given, name: "x".repeat(20_000) });
  assert.equal(status, 413);
});

for (const line of ["GET /api-keys/ak_none", "DELETE /api-keys/ak_none", "GET /api-keys/__proto__"])
  test(`${line}: there is no such key`, async (t) => {
    const { status, json } = await (await world(t)).call(line);
    assert.deepEqual([status, json.detail], [404, "there is no API key of this id"]);
  });

test("a key that is not there is not rotated", async (t) => {
  const { status } = await (await world(t)).call("POST /api-keys/ak_none/rotate", {});
  assert.equal(status, 404);
});

test("what does not fit the state of a key is a conflict, and says what to do", async (t) => {
  const { call } = await world(t);
  const { id } = (await call("POST /api-keys", given)).json.key;
  await call(`DELETE /api-keys/${id}`);
  const { status, json } = await call(`POST /api-keys/${id}/rotate`, {});
  assert.deepEqual([status, json.type], [409, "urn:tandem:problem:request.conflict"]);
  assert.equal(json.detail, `the key ${id} is revoked: create another`);
  assert.equal((await call("POST /api-keys", { ...given, expiresAt: "2020-01-01T00:00:00Z" })).status, 409);
  assert.equal((await call(`POST /api-keys/${id}/rotate`, { overlap: "31d" })).status, 400);
});

test("without the token there is nothing to see or to do", async (t) => {
  const { call } = await world(t);
  for (const line of ["GET /api-keys", "POST /api-keys", "DELETE /api-keys/x"])
    assert.equal((await call(line, line.startsWith("POST") ? given : undefined, { authorization: "" })).status, 401);
});

test("without the store it is a 503", async (t) => {
  const { call, store } = await world(t);
  await store.close();
  for (const line of ["GET /api-keys", "POST /api-keys", "DELETE /api-keys/x"])
    assert.equal((await call(line, line.startsWith("POST") ? given : undefined)).status, 503);
});
