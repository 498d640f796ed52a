import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { directoryWith } from "@tandem/platform/testing";
import { createTestKey, signToken, type TestKey } from "../authenticate/testing.ts";
import { openTwo } from "../opaque/testing.ts";
import { bearerAssertion, provingGround, type Proving } from "./proving.testing.ts";
import { openTestIssuer } from "./testing.ts";

const first = createTestKey("ES256", "first");
const second = createTestKey("ES256", "second");
const jwkOf = ({ publicKey, kid }: TestKey) => ({ ...publicKey.export({ format: "jwk" }), kid });
const setOf = (...keys: TestKey[]): string => JSON.stringify({ keys: keys.map(jwkOf) });

function presenting(key: TestKey, jti: string = randomUUID()): Proving {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: "keyed", sub: "keyed", aud: "https://gateway.test", iat, exp: iat + 60, jti };
  return { form: { client_assertion_type: bearerAssertion, client_assertion: signToken(key, claims) } };
}

/** Where a client publishes its keys; what it answers is up to the test. */
async function publisher(t: TestContext) {
  const state = { text: setOf(first), status: 200 };
  const server = createServer((_, response) => response.writeHead(state.status).end(state.text));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => [server.closeAllConnections(), server.close()]);
  return { state, jwks: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` };
}

test("a client rotates its keys where it publishes them, and none of its requests is refused", async (t) => {
  const { state, jwks } = await publisher(t);
  const ground = await provingGround(t, { clients: [{ id: "keyed", jwks }] });
  assert.equal((await ground.http1(presenting(first))).status, 200);
  state.text = setOf(first, second);
  assert.equal((await ground.http1(presenting(second))).status, 200);
  assert.equal((await ground.http1(presenting(first))).status, 200);
});

test("while a client's keys cannot be had, that is 503, and nobody's fault", async (t) => {
  const { state, jwks } = await publisher(t);
  state.status = 500;
  const ground = await provingGround(t, { clients: [{ id: "keyed", jwks }] });
  for (let count = 0; count < 12; count++) {
    const { status, json, retryAfter } = await ground.http1(presenting(first));
    assert.deepEqual([status, json.type], [503, "urn:tandem:problem:identity.unavailable"]);
    assert.equal(retryAfter, "1");
  }
});

test("keys in a file are followed", async (t) => {
  const directory = directoryWith(t, { "client.json": setOf(first) });
  const file = join(directory, "client.json");
  const ground = await provingGround(t, { clients: [{ id: "keyed", keys: file }] });
  assert.equal((await ground.http1(presenting(first))).status, 200);
  await writeFile(file, setOf(second));
  assert.equal((await ground.http1(presenting(second))).status, 200);
  assert.match((await ground.http1(presenting(first))).reason, /unknown key/);
});

const files: { name: string; text: string; saying: RegExp }[] = [
  {
    name: "a private key",
    text: JSON.stringify({ keys: [first.privateKey.export({ format: "jwk" })] }),
    saying: /private key/,
  },
  { name: "no keys", text: "{}", saying: /no list of keys/ },
  { name: "no JSON", text: "-----BEGIN", saying: /not JSON/ },
];
for (const { name, text, saying } of files)
  test(`a file that holds ${name} does not start`, async (t) => {
    const file = join(directoryWith(t, { "client.json": text }), "client.json");
    await assert.rejects(openTestIssuer(t, { clients: [{ id: "keyed", keys: file }] }), saying);
  });

test("without the store nobody can tell whether an assertion was used before: 503", async (t) => {
  const store: Store = Object.assign(new MemoryStore(), {
    setIfAbsent: () => Promise.reject(new StoreUnavailable("down")),
  });
  const ground = await provingGround(t, { clients: [{ id: "keyed", keys: [jwkOf(first)] }], store });
  const { status, json } = await ground.http1(presenting(first));
  assert.deepEqual([status, json.type], [503, "urn:tandem:problem:identity.unavailable"]);
});

test("an assertion is good at one of two gateways that share a Redis", { skip: withoutRedis() }, async (t) => {
  const redis = await startRedis(t);
  const { store, other } = await openTwo(t, redis);
  const { issuer } = await openTestIssuer(t, { clients: [{ id: "keyed", keys: [jwkOf(first)] }] });
  const one = await provingGround(t, { issuer, store });
  const two = await provingGround(t, { issuer, store: other });
  const assertion = presenting(first, "once");
  assert.equal((await one.http1(assertion)).status, 200);
  const again = await two.http2(assertion);
  assert.equal(again.status, 401);
  assert.match(again.reason, /used before/);

  const race = presenting(first, "race");
  const outcomes = await Promise.all([one.http1(race), two.http1(race)]);
  const statuses = outcomes.map(({ status }) => status).toSorted((left, right) => left - right);
  assert.deepEqual(statuses, [200, 401]);

  await redis.kill();
  assert.equal((await one.http1(presenting(first))).status, 503);
});
