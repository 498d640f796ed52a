import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { authenticate } from "../authenticate/stage.ts";
import { createTestKey, signToken, type TestKey } from "../authenticate/testing.ts";
import { createKeyFile } from "../keys/create-key-file.ts";
import { emptyDirectory } from "../keys/testing.ts";
import { issuersSchema } from "./config.ts";
import { openIssuers } from "./open-issuers.ts";

const iss = "https://issuer.test";
const tokenOf = (key: TestKey, by = iss): string =>
  signToken(key, { iss: by, aud: "api", sub: "me", exp: Math.floor(Date.now() / 1000) + 600 });
const documentOf = (...keys: TestKey[]): string =>
  JSON.stringify({ keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid })) });

/** An identity provider on a real port, whose answer the test exchanges. */
async function provider(t: TestContext, listener: RequestListener) {
  const world = { listener, asked: 0 };
  const server = createServer((request, response) => {
    world.asked++;
    world.listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.after(stop);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { world, stop, origin, jwks: `${origin}/jwks` };
}

async function stageFor(t: TestContext, source: object) {
  const world = { now: Date.now() };
  const clock = { now: () => world.now, monotonic: () => world.now };
  const options = issuersSchema.parse([{ name: "corp", type: "jwt", issuer: iss, audience: "api", ...source }]);
  const issuers = await openIssuers(options, { logger: silentLogger, clock });
  t.after(() => issuers.close());
  const stage = authenticate({ kinds: [jwtKind({ issuers, clock })], clock });
  const ask = async (token: string): Promise<string> => {
    const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${token}`] });
    await stage.run(exchange);
    return exchange.principal.subject;
  };
  return { world, ask };
}

const one = createTestKey("ES256", "one");
const two = createTestKey("ES256", "two");
const answering =
  (text: string): RequestListener =>
  (_, response) =>
    void response.end(text);

test("keys come from a real server: one fetch for many callers", async (t) => {
  const { world, jwks } = await provider(t, answering(documentOf(one)));
  const { ask } = await stageFor(t, { jwks });
  const tokens = Array.from({ length: 20 }, () => tokenOf(one));
  assert.deepEqual(new Set(await Promise.all(tokens.map(ask))), new Set(["me"]));
  assert.equal(world.asked, 1);
});

test("a rotation at the issuer refuses no good token", async (t) => {
  const { world, jwks } = await provider(t, answering(documentOf(one)));
  const { ask } = await stageFor(t, { jwks });
  assert.equal(await ask(tokenOf(one)), "me");
  world.listener = answering(documentOf(two, one));
  assert.equal(await ask(tokenOf(two)), "me");
  assert.equal(await ask(tokenOf(one)), "me");
  assert.equal(world.asked, 2);
});

test("an issuer that goes away and comes back refuses no good token", async (t) => {
  const { world, jwks } = await provider(t, answering(documentOf(one)));
  const { ask, world: time } = await stageFor(t, { jwks });
  const token = tokenOf(one);
  await ask(token);
  world.listener = (request) => request.socket.destroy();
  time.now += 700_000;
  const later = (key: TestKey): string => signToken(key, { iss, aud: "api", sub: "me", exp: time.now / 1000 + 600 });
  assert.equal(await ask(later(one)), "me");
  await assert.rejects(ask(later(two)), { code: "identity.unavailable" });
  world.listener = answering(documentOf(one, two));
  time.now += 1000;
  assert.equal(await ask(later(two)), "me");
});

const rubbish: { name: string; listener: RequestListener }[] = [
  { name: "answers with a page", listener: answering("<html>sign in</html>") },
  { name: "answers with no key", listener: answering('{"keys":[]}') },
  { name: "answers with far too much", listener: answering(`{"keys":[${" ".repeat(300_000)}]}`) },
  { name: "fails", listener: (_, response) => void response.writeHead(500).end() },
  { name: "hangs up", listener: (request) => request.socket.destroy() },
  { name: "never answers", listener: () => {} },
];
for (const { name, listener } of rubbish) {
  test(`an issuer that ${name} is unavailable; its tokens are not called bad`, async (t) => {
    const { jwks } = await provider(t, listener);
    const { ask } = await stageFor(t, { jwks });
    await assert.rejects(ask(tokenOf(one)), { code: "identity.unavailable", status: 503 });
  });
}

test("an issuer that is gone does not keep the gateway from starting", async (t) => {
  const { jwks, stop } = await provider(t, answering(""));
  stop();
  const { ask } = await stageFor(t, { jwks });
  await assert.rejects(ask(tokenOf(one)), { code: "identity.unavailable" });
});

/** Answers by path; what is not given is 404. */
const answeringBy =
  (answers: Record<string, string>): RequestListener =>
  ({ url = "" }, response) => {
    const text = answers[url];
    if (text === undefined) response.writeHead(404).end();
    else response.end(text);
  };
const openid = "/.well-known/openid-configuration";

test("keys are found where their issuer says, and followed when it moves them", async (t) => {
  const { world, origin } = await provider(t, answering(""));
  const metadata = (path: string): string => JSON.stringify({ issuer: origin, jwks_uri: origin + path });
  world.listener = answeringBy({ [openid]: metadata("/a"), "/a": documentOf(one), "/b": documentOf(two) });
  const { ask, world: time } = await stageFor(t, { issuer: origin });
  assert.equal(await ask(tokenOf(one, origin)), "me");
  assert.equal(world.asked, 2);
  world.listener = answeringBy({ [openid]: metadata("/b"), "/a": documentOf(one), "/b": documentOf(two) });
  time.now += 600_000;
  const later = (key: TestKey): string =>
    signToken(key, { iss: origin, aud: "api", sub: "me", exp: time.now / 1000 + 600 });
  assert.equal(await ask(later(two)), "me");
  await assert.rejects(ask(later(one)), { code: "token.key" });
});

test("keys are found by RFC 8414 where the issuer knows of nothing else", async (t) => {
  const { world, origin, jwks } = await provider(t, answering(""));
  const metadata = JSON.stringify({ issuer: origin, jwks_uri: jwks });
  world.listener = answeringBy({ "/.well-known/oauth-authorization-server": metadata, "/jwks": documentOf(one) });
  const { ask } = await stageFor(t, { issuer: origin });
  assert.equal(await ask(tokenOf(one, origin)), "me");
  assert.equal(world.asked, 3);
});

test("an issuer that speaks for another one brings no keys", async (t) => {
  const { world, origin, jwks } = await provider(t, answering(""));
  const metadata = JSON.stringify({ issuer: `${origin}/`, jwks_uri: jwks });
  world.listener = answeringBy({ [openid]: metadata, "/jwks": documentOf(one) });
  const { ask } = await stageFor(t, { issuer: origin });
  await assert.rejects(ask(tokenOf(one, origin)), { code: "identity.unavailable", status: 503 });
  assert.equal(world.asked, 1);
});

test("keys that may be kept for a minute are asked for again after it", async (t) => {
  const { world, jwks } = await provider(t, (_, response) =>
    response.writeHead(200, { "cache-control": "max-age=60" }).end(documentOf(one)),
  );
  const { ask, world: time } = await stageFor(t, { jwks });
  await ask(tokenOf(one));
  world.listener = answering(documentOf(two));
  time.now += 59_999;
  await ask(tokenOf(one));
  time.now += 2;
  await assert.rejects(ask(signToken(one, { iss, aud: "api", sub: "you", exp: time.now / 1000 + 600 })), {
    code: "token.key",
  });
});

test("where nothing stale may serve, a good token is 503 during an outage", async (t) => {
  const { world, jwks } = await provider(t, answering(documentOf(one)));
  const { ask, world: time } = await stageFor(t, { jwks, staleFor: "0ms" });
  await ask(tokenOf(one));
  world.listener = (request) => request.socket.destroy();
  time.now += 600_001;
  const later = signToken(one, { iss, aud: "api", sub: "me", exp: time.now / 1000 + 600 });
  await assert.rejects(ask(later), { code: "identity.unavailable" });
});

test("a token that is malformed is so at once, while the keys are still on their way", async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { jwks } = await provider(t, (_, response) => void released.then(() => response.end(documentOf(one))));
  const { ask } = await stageFor(t, { jwks });
  const waiting = ask(tokenOf(one));
  await assert.rejects(ask("a.b"), { code: "token.malformed" });
  release();
  assert.equal(await waiting, "me");
});

test("keys come from a file, and follow it", async (t) => {
  const file = join(await emptyDirectory(t), "jwks.json");
  await writeFile(file, documentOf(one));
  const { ask, world } = await stageFor(t, { keys: file });
  assert.equal(await ask(tokenOf(one)), "me");
  await writeFile(file, documentOf(two));
  assert.equal(await ask(tokenOf(two)), "me");
  world.now += 60_000;
  await assert.rejects(ask(tokenOf(one)), { code: "token.key" });
});

for (const [name, content] of Object.entries({ missing: undefined, broken: "{", empty: '{"keys":[]}' })) {
  test(`a key file that is ${name} does not start, and the error names it`, async (t) => {
    const file = join(await emptyDirectory(t), "jwks.json");
    if (content !== undefined) await writeFile(file, content);
    await assert.rejects(stageFor(t, { keys: file }), /issuer corp: the keys in .*jwks\.json cannot be used/);
  });
}

test("our own keys come from the directory in which we sign", async (t) => {
  const keys = await emptyDirectory(t);
  const kid = await createKeyFile(keys, { algorithm: "RS256" });
  const options = issuersSchema.parse([
    { name: "local", type: "embedded", issuer: "https://a.test", audience: "demo", keys },
  ]);
  const issuers = await openIssuers(options, { logger: silentLogger });
  t.after(() => issuers.close());
  assert.equal(issuers.embedded?.keys.newest.kid, kid);
  assert.equal(issuers.byIss.get("https://a.test")?.keys, issuers.embedded.keys);
});

test("without a key directory our own issuer does not start", async (t) => {
  const keys = join(await emptyDirectory(t), "none");
  const options = issuersSchema.parse([
    { name: "local", type: "embedded", issuer: "https://a.test", audience: "demo", keys },
  ]);
  await assert.rejects(openIssuers(options, { logger: silentLogger }), /ENOENT.*none/);
});
