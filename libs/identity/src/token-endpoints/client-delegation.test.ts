import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { fixedClock, keepingLogger, type LoggedLine, until } from "@tandem/platform/testing";
import { basicOf, claimsOf, protocolNames, provingGround, type Proving } from "./proving.testing.ts";

type Answer = (response: ServerResponse, body: string, request: IncomingMessage) => void;

interface Asked {
  readonly body: string;
  readonly request: IncomingMessage;
}

const yes: Answer = (response) =>
  response.end(JSON.stringify({ scopes: ["orders:read", "admin"], roles: ["clerk", "root"] }));
const say =
  (status: number, body = ""): Answer =>
  (response) =>
    void response.writeHead(status).end(body);
const saying = (answer: unknown): Answer => say(200, JSON.stringify(answer));

const proving: Proving = { headers: { authorization: basicOf("far", "s3cr&t %") } };

/** A gateway that asks an authentication server of the test. */
async function world(t: TestContext, more: object = {}, clients: readonly object[] = []) {
  const state: { answer: Answer; asked: Asked[] } = { answer: yes, asked: [] };
  const server = createServer((request, response) => {
    const note = async (): Promise<void> => {
      const body = await textOf(request);
      state.asked.push({ body, request });
      state.answer(response, body, request);
    };
    void note();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => [server.closeAllConnections(), server.close()]);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/authenticate`;
  const clock = fixedClock(Date.now());
  const logger = keepingLogger();
  const clientAuthentication = {
    url,
    scopes: ["orders:read", "orders:write"],
    roles: ["clerk"],
    timeout: "500ms",
    ...more,
  };
  const ground = await provingGround(t, { clients, options: { clientAuthentication }, clock, logger });
  return { ...ground, state, server, clock, lines: logger.lines };
}

const textOfLines = (lines: readonly LoggedLine[]): string => JSON.stringify(lines);

for (const protocol of protocolNames)
  test(`over ${protocol} a client that is not registered is proved by the authentication server, within the limits`, async (t) => {
    const { state, lines, ...ground } = await world(t, { token: "for the server" });
    const { status, json, record } = await ground[protocol](proving);
    assert.equal(status, 200);
    assert.equal(json.scope, "orders:read");
    const { sub, client_id: client, roles, tenant } = claimsOf(json.access_token);
    assert.deepEqual(
      { sub, client, roles, tenant },
      { sub: "far", client: "far", roles: ["clerk"], tenant: undefined },
    );
    assert.equal(record?.principal?.client, "far");
    const [{ body, request }] = state.asked as [Asked];
    assert.deepEqual(JSON.parse(body), { client_id: "far", client_secret: "s3cr&t %" });
    assert.deepEqual([request.method, request.headers["content-type"]], ["POST", "application/json"]);
    assert.equal(request.headers.authorization, "Bearer for the server");
    assert.deepEqual(lines, []);
  });

test("the server can be asked with a form", async (t) => {
  const { state, http1 } = await world(t, { send: "form" });
  assert.equal((await http1(proving)).status, 200);
  const [{ body, request }] = state.asked as [Asked];
  assert.equal(request.headers["content-type"], "application/x-www-form-urlencoded");
  assert.deepEqual(
    [...new URLSearchParams(body)],
    [
      ["client_id", "far"],
      ["client_secret", "s3cr&t %"],
    ],
  );
});

for (const status of [401, 403])
  test(`${status} is a client that did not prove it, each time anew, and guesses are stopped`, async (t) => {
    const { state, http1, lines } = await world(t);
    state.answer = say(status, '{"error":"no"}');
    for (let count = 0; count < 10; count++) {
      const { status: told, json, reason } = await http1(proving);
      assert.deepEqual([told, json.error], [401, "invalid_client"]);
      assert.match(reason, /authentication server refused it/);
    }
    assert.equal((await http1(proving)).status, 429);
    assert.equal(state.asked.length, 10);
    assert.deepEqual(lines, []);
  });

const unclear: { name: string; answer: Answer; logged: RegExp }[] = [
  { name: "fails", answer: say(500), logged: /answered 500/ },
  { name: "is overrun", answer: say(429), logged: /answered 429/ },
  { name: "does not know the path", answer: say(404), logged: /answered 404/ },
  { name: "says nothing", answer: say(204), logged: /answered 204/ },
  { name: "says 200 and nothing else", answer: say(200), logged: /not JSON/ },
  { name: "says 200 and no", answer: saying({ valid: false }), logged: /scopes, members that are not known/ },
  { name: "says 200 and an error beside scopes", answer: saying({ scopes: [], error: "x" }), logged: /not known/ },
  { name: "answers with a page", answer: say(200, "<html>"), logged: /not JSON/ },
  { name: "names a member twice", answer: say(200, '{"scopes":[],"scopes":["orders:write"]}'), logged: /twice/ },
  { name: "has scopes that are none", answer: saying({ scopes: ["orders:read orders:write"] }), logged: /scopes.0/ },
  { name: "has a text for scopes", answer: saying({ scopes: "orders:read" }), logged: /scopes/ },
  { name: "has more scopes than anybody", answer: saying({ scopes: Array(101).fill("a") }), logged: /scopes/ },
  { name: "speaks of another client", answer: saying({ scopes: [], client_id: "near" }), logged: /another client/ },
  { name: "names a tenant that was not allowed", answer: saying({ scopes: [], tenant: "acme" }), logged: /tenant/ },
  { name: "does not stop", answer: say(200, `{"scopes":["${"a".repeat(20_000)}"]}`), logged: /more than 16384 bytes/ },
  {
    name: "leads elsewhere",
    answer: (response) => void response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
    logged: /redirect/,
  },
  { name: "hangs up", answer: (response) => void response.destroy(), logged: /fetch failed/ },
  { name: "hangs", answer: () => {}, logged: /timeout/ },
  { name: "hangs half-way", answer: (response) => void response.writeHead(200).write('{"scopes":'), logged: /timeout/ },
];
for (const { name, answer, logged } of unclear)
  test(`a server that ${name} does not say no: 503, no guess, and one line in the log`, async (t) => {
    const { state, http1, lines } = await world(t);
    state.answer = answer;
    for (let count = 0; count < 2; count++) {
      const { status, json, retryAfter } = await http1(proving);
      assert.deepEqual([status, json.type, retryAfter], [503, "urn:tandem:problem:identity.unavailable", "1"]);
    }
    assert.match(textOfLines(lines), logged);
    assert.equal(lines.length, 1);
    assert.doesNotMatch(textOfLines(lines), /s3cr/);
    state.answer = yes;
    assert.equal((await http1(proving)).status, 200);
    assert.deepEqual(
      lines.map(({ message }) => message),
      ["clients cannot be checked", "clients can be checked again"],
    );
  });

test("a server that is down is 503, however often", async (t) => {
  const { server, http1 } = await world(t);
  server.close();
  server.closeAllConnections();
  for (let count = 0; count < 12; count++) assert.equal((await http1(proving)).status, 503);
});

test("a good answer is believed for a while, for that very secret", async (t) => {
  const { state, http1, clock } = await world(t, { cacheFor: "10s" });
  assert.equal((await http1(proving)).status, 200);
  state.answer = say(401);
  clock.advance(9999);
  assert.equal((await http1(proving)).status, 200);
  assert.equal(state.asked.length, 1);
  assert.equal((await http1({ headers: { authorization: basicOf("far", "other") } })).status, 401);
  clock.advance(1);
  assert.equal((await http1(proving)).status, 401);
});

test("without a time to believe it, each request asks", async (t) => {
  const { state, http1 } = await world(t, { cacheFor: "0s" });
  await http1(proving);
  await http1(proving);
  assert.equal(state.asked.length, 2);
});

test("the server is asked once for all who wait, and never for more than so many clients at once", async (t) => {
  const { state, http1 } = await world(t, { timeout: "5s" });
  const held: ServerResponse[] = [];
  state.answer = (response) => void held.push(response);
  const same = Array.from({ length: 10 }, () => http1(proving));
  const others = Array.from({ length: 50 }, (_, at) => http1({ form: { client_id: `c${at}`, client_secret: "x" } }));
  await until("as many as may be are asked about", () => held.length === 32);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(held.length, 32);
  state.answer = yes;
  for (const response of held) response.end('{"scopes":[]}');
  for (const { status } of await Promise.all([...same, ...others])) assert.equal(status, 200);
  assert.equal(state.asked.length, 51);
});

test("who is registered here is not asked about, and the secret goes nowhere", async (t) => {
  const { state, http1 } = await world(t);
  assert.equal((await http1({ headers: { authorization: basicOf("app", "app-secret") } })).status, 200);
  const { status, reason } = await http1({ headers: { authorization: basicOf("app", "wrong") } });
  assert.equal(status, 401);
  assert.match(reason, /secret is wrong/);
  assert.deepEqual(state.asked, []);
});

const pointless = [
  { name: "an id with a line break", form: { client_id: "a\nb", client_secret: "x" } },
  { name: "an endless id", form: { client_id: "a".repeat(129), client_secret: "x" } },
  { name: "an endless secret", form: { client_id: "far", client_secret: "x".repeat(1025) } },
  { name: "no secret", form: { client_id: "far" } },
];
for (const { name, form } of pointless)
  test(`${name} is refused without a question`, async (t) => {
    const { state, http1 } = await world(t);
    assert.equal((await http1({ form })).status, 401);
    assert.deepEqual(state.asked, []);
  });

test("a tenant that is allowed becomes the client's", async (t) => {
  const { state, http1 } = await world(t, { tenants: ["acme"] });
  state.answer = saying({ scopes: [], tenant: "acme" });
  assert.equal(claimsOf((await http1(proving)).json.access_token).tenant, "acme");
});

test("any tenant can be allowed", async (t) => {
  const { state, http1 } = await world(t, { tenants: "any", tokens: "jwt", refresh: true });
  state.answer = saying({ scopes: [], tenant: "whatever" });
  const { json } = await http1(proving);
  assert.equal(claimsOf(json.access_token).tenant, "whatever");
  assert.ok(json.refresh_token);
});

test("a scope beyond the limits is not to be had, though the server would give it", async (t) => {
  const { http1 } = await world(t);
  const { status, json } = await http1({ ...proving, form: { scope: "admin" } });
  assert.deepEqual([status, json.error], [400, "invalid_scope"]);
});
