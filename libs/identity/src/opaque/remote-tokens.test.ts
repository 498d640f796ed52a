import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { fixedClock, keepingLogger, until } from "@tandem/platform/testing";
import { issuersSchema, type IntrospectionIssuerOptions } from "../issuers/config.ts";
import { RemoteTokens } from "./remote-tokens.ts";

type Answer = (token: string, response: ServerResponse, request: IncomingMessage) => void;

const later = Math.floor(Date.now() / 1000) + 600;
const active = { active: true, sub: "me", exp: later };

/** A server of others, whose answers a test may change, and a gateway that asks it. */
async function world(t: TestContext, more: object = {}, clock: Clock = systemClock) {
  const asked: { form: URLSearchParams; request: IncomingMessage }[] = [];
  const state = { answer: ((_, response) => response.end(JSON.stringify(active))) as Answer };
  const server = createServer((request, response) => {
    const note = async (): Promise<void> => {
      const form = new URLSearchParams(await textOf(request));
      asked.push({ form, request });
      state.answer(form.get("token") ?? "", response, request);
    };
    void note();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => [server.closeAllConnections(), server.close()]);
  const port = (server.address() as AddressInfo).port;
  const [issuer] = issuersSchema.parse([
    {
      name: "corp",
      type: "introspection",
      url: `http://127.0.0.1:${port}/introspect`,
      clientId: "gate way",
      clientSecret: "s:ecret&%",
      ...more,
    },
  ]);
  const logger = keepingLogger();
  const remote = new RemoteTokens({ issuer: issuer as IntrospectionIssuerOptions, clock, logger });
  const judge = (token: string) => remote.judge({ text: token, digest: hash("sha256", token, "base64url") });
  const say = (answer: object): void => void (state.answer = (_, response) => response.end(JSON.stringify(answer)));
  return { judge, asked, state, say, server, logger, origin: `http://127.0.0.1:${port}` };
}

test("a token is asked for as RFC 7662 says, and its claims become the principal", async (t) => {
  const { judge, asked, say } = await world(t, { issuer: "https://login.test", audience: "orders" });
  const iat = later - 700;
  say({
    active: true,
    sub: "me",
    username: "not me",
    client_id: "app",
    scope: "a  b",
    roles: ["clerk"],
    tenant: "acme",
    aud: ["x", "orders"],
    iss: "https://login.test",
    jti: "one",
    exp: later,
    iat,
    nbf: iat,
    token_type: "Bearer",
    cnf: { "x5t#S256": "c".repeat(43) },
  });
  const { principal, marks, confirmation, keepFor } = await judge("some+token/==");
  assert.deepEqual(principal, {
    subject: "me",
    client: "app",
    scopes: ["a", "b"],
    roles: ["clerk"],
    tenant: "acme",
    audiences: ["x", "orders"],
    method: "opaque",
    issuer: "https://login.test",
    expires: later + 60,
  });
  assert.deepEqual(marks, { id: "one", session: undefined, issuedAt: iat });
  assert.deepEqual(confirmation, { certificate: "c".repeat(43) });
  assert.equal(keepFor, 30_000);
  const [{ form, request }] = asked as [(typeof asked)[0]];
  assert.deepEqual([request.method, request.url], ["POST", "/introspect"]);
  assert.deepEqual(
    [...form],
    [
      ["token", "some+token/=="],
      ["token_type_hint", "access_token"],
    ],
  );
  const [user, password] = Buffer.from(request.headers.authorization!.slice(6), "base64").toString().split(":");
  assert.deepEqual([user, password], ["gate+way", "s%3Aecret%26%25"]);
});

const subjects: { name: string; answer: object; subject: string }[] = [
  { name: "a subject", answer: { sub: "s", username: "u", client_id: "c" }, subject: "s" },
  { name: "a user name alone", answer: { username: "u", client_id: "c" }, subject: "u" },
  { name: "a client alone", answer: { client_id: "c" }, subject: "c" },
];
for (const { name, answer, subject } of subjects)
  test(`${name} says who calls`, async (t) => {
    const { judge, say, origin } = await world(t);
    say({ active: true, ...answer });
    const { principal } = await judge("token");
    assert.deepEqual([principal.subject, principal.issuer], [subject, origin]);
  });

test("the claims of a server's own become the principal", async (t) => {
  const { judge, say } = await world(t, { claims: { subject: "email", roles: "realm_access.roles" } });
  say({ ...active, email: "me@acme.test", realm_access: { roles: ["clerk"] } });
  const { principal } = await judge("token");
  assert.deepEqual([principal.subject, principal.roles], ["me@acme.test", ["clerk"]]);
});

test("another iss makes nobody the caller of another issuer", async (t) => {
  const { judge, say, origin } = await world(t);
  say({ ...active, iss: "https://gateway.test" });
  assert.equal((await judge("token")).principal.issuer, origin);
});

const kept: { name: string; more: object; exp: number | undefined; keepFor: number }[] = [
  { name: "as long as it is set", more: { cacheFor: "20s" }, exp: 1600, keepFor: 20_000 },
  { name: "not beyond the token's end", more: {}, exp: 1010, keepFor: 10_000 },
  { name: "not at all where the token has ended by our clock", more: {}, exp: 999, keepFor: 0 },
  { name: "as long as it is set where it has no end", more: {}, exp: undefined, keepFor: 30_000 },
  { name: "not at all where nothing is to be kept", more: { cacheFor: "0s" }, exp: undefined, keepFor: 0 },
];
for (const { name, more, exp, keepFor } of kept)
  test(`a good answer is kept ${name}`, async (t) => {
    const { judge, say } = await world(t, more, fixedClock(1_000_000));
    say({ ...active, exp });
    assert.equal((await judge("token")).keepFor, keepFor);
  });

const refused: { name: string; answer: object; more?: object; code: string }[] = [
  { name: "that is not active", answer: { active: false, sub: "me" }, code: "token.inactive" },
  { name: "that has long ended", answer: { ...active, exp: 1000 }, code: "token.expired" },
  { name: "that has not begun", answer: { ...active, nbf: later }, code: "token.not-yet-valid" },
  { name: "for somebody else", answer: { ...active, aud: "b" }, more: { audience: "a" }, code: "token.audience" },
  { name: "for nobody named", answer: active, more: { audience: "a" }, code: "token.audience" },
  {
    name: "of another issuer",
    answer: { ...active, iss: "https://b.test" },
    more: { issuer: "https://a.test" },
    code: "token.issuer",
  },
  { name: "of nobody", answer: { active: true }, code: "token.claims" },
  { name: "with a subject that breaks lines", answer: { ...active, sub: "a\nb" }, code: "token.claims" },
  { name: "bound to something unknown", answer: { ...active, cnf: { kid: "x" } }, code: "token.claims" },
  { name: "bound to nothing named", answer: { ...active, token_type: "DPoP" }, code: "token.claims" },
  { name: "that refreshes", answer: { ...active, token_type: "refresh_token" }, code: "token.malformed" },
  { name: "that refreshes, as others say it", answer: { ...active, token_use: "Refresh" }, code: "token.malformed" },
];
for (const { name, answer, more, code } of refused)
  test(`a token ${name} is refused, and not asked for again at once`, async (t) => {
    const clock = fixedClock(Date.now());
    const { judge, say, asked } = await world(t, more, clock);
    say(answer);
    for (let count = 0; count < 5; count++) await assert.rejects(judge("token"), { code, status: 401 });
    assert.equal(asked.length, 1);
    clock.advance(2000);
    await assert.rejects(judge("token"), { code });
    assert.equal(asked.length, 2);
  });

const answering =
  (status: number, body: string, headers = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);
const good = JSON.stringify(active);
const lies: { name: string; answer: Answer }[] = [
  { name: "an error", answer: answering(500, good) },
  { name: "a refusal of our own credentials", answer: answering(401, good) },
  { name: "another success", answer: answering(201, good) },
  { name: "a way to somewhere else", answer: answering(307, good, { location: "/other" }) },
  { name: "nothing", answer: answering(200, "") },
  { name: "no JSON, with the token in it", answer: (token, response) => void response.end(`oops: ${token}`) },
  { name: "JSON of no object", answer: answering(200, "[true]") },
  { name: "no verdict", answer: answering(200, '{"sub":"me"}') },
  { name: "a verdict in words", answer: answering(200, '{"active":"true","sub":"me"}') },
  ...["sub", "scope", "client_id", "exp", "nbf", "iat", "aud", "iss", "roles", "token_type"].map((name) => ({
    name: `a ${name} of the wrong type`,
    answer: answering(200, JSON.stringify({ ...active, [name]: { a: 1 } })),
  })),
  { name: "too much", answer: answering(200, JSON.stringify({ ...active, x: "x".repeat(70_000) })) },
  { name: "silence", answer: () => {} },
  { name: "half an answer", answer: (_, response) => void response.write('{"active":') },
  { name: "a broken connection", answer: (_, __, request) => void request.socket.destroy() },
];
for (const { name, answer } of lies)
  test(`${name} tells nothing of a token, in time, and says so once`, async (t) => {
    const { judge, state, logger, say } = await world(t, { timeout: "200ms" });
    state.answer = answer;
    const start = performance.now();
    const unavailable = { code: "identity.unavailable", status: 503, headers: { "retry-after": "1" } };
    await assert.rejects(judge("precious-token"), unavailable);
    await assert.rejects(judge("precious-token"), unavailable);
    assert.ok(performance.now() - start < 10_000);
    assert.deepEqual(
      logger.lines.map(({ level, message }) => [level, message]),
      [["warn", "opaque tokens cannot be checked"]],
    );
    say(active);
    assert.equal((await judge("precious-token")).principal.subject, "me");
    assert.equal(logger.lines.at(-1)?.message, "opaque tokens can be checked again");
    assert.doesNotMatch(JSON.stringify(logger.lines), /precious|ecret/);
  });

test("what goes wrong quotes neither the token nor our secret", async (t) => {
  const { judge, state } = await world(t, { timeout: "200ms" });
  for (const { answer } of lies.slice(0, 8)) {
    state.answer = answer;
    const error = await judge("precious-token").catch((caught: unknown) => caught);
    for (let at = error; at instanceof Error; at = at.cause)
      assert.doesNotMatch(`${at.message} ${at.stack} ${JSON.stringify(at)}`, /precious|ecret&|Basic/);
  }
});

test("a server that is gone tells nothing of a token", async (t) => {
  const { judge, server } = await world(t);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(judge("token"), { code: "identity.unavailable", status: 503 });
});

test("one question does for all who wait for it, and none is left over", async (t) => {
  const { judge, asked, state } = await world(t);
  state.answer = (_, response) => void setTimeout(() => response.end(good), 50);
  await Promise.all(Array.from({ length: 100 }, () => judge("token")));
  assert.equal(asked.length, 1);
  await judge("token");
  assert.equal(asked.length, 2);
});

test("a flood of guesses reaches the server a few at a time, and ends with an answer each", async (t) => {
  const { judge, state, asked } = await world(t, { timeout: "10s" });
  const [open, seen] = [new Set<ServerResponse>(), { most: 0 }];
  state.answer = (_, response) => {
    open.add(response);
    seen.most = Math.max(seen.most, open.size);
    setTimeout(() => (open.delete(response), response.end('{"active":false}')), 5);
  };
  const codes = await Promise.all(
    Array.from({ length: 1500 }, (_, count) => judge(`guess-${count}`).catch(({ code }: { code: string }) => code)),
  );
  const inactive = codes.filter((code) => code === "token.inactive").length;
  assert.deepEqual([seen.most <= 64, inactive, asked.length], [true, 64 + 1024, 64 + 1024]);
  assert.equal(codes.filter((code) => code === "identity.unavailable").length, 1500 - inactive);
  state.answer = (_, response) => response.end(good);
  assert.equal((await judge("token")).principal.subject, "me");
});

test("behind a hung server everybody is answered in time", async (t) => {
  const { judge, state, asked } = await world(t, { timeout: "200ms" });
  state.answer = () => {};
  const start = performance.now();
  const all = Array.from({ length: 200 }, (_, count) => assert.rejects(judge(`t${count}`), { status: 503 }));
  await until("the server is asked", () => asked.length >= 64);
  await Promise.all(all);
  assert.ok(performance.now() - start < 10_000);
  await sleep(0);
  state.answer = (_, response) => response.end(good);
  await judge("token");
});

for (const token of ["a b", "a\tb", "ä", "a&b=c", "=", '"', "a,b", ""])
  test(`${JSON.stringify(token)} cannot be a token, and nobody is asked`, async (t) => {
    const { judge, asked } = await world(t);
    await assert.rejects(judge(token), { code: "token.malformed", status: 401 });
    assert.equal(asked.length, 0);
  });
