import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { serve } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { ask } from "@tandem/platform/testing";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { authenticate } from "../authenticate/stage.ts";
import { issuersSchema } from "./config.ts";
import { OpenIdProvider, providerKey } from "./openid-provider.testing.ts";
import { openIssuers } from "./open-issuers.ts";

const [first, second, third] = ["first", "second", "third"].map(providerKey) as [Key, Key, Key];
type Key = ReturnType<typeof providerKey>;

/** A gateway that finds the provider by discovery. Times of keys follow a clock that the test may push on, those of tokens the machine's. */
async function gateway(t: TestContext, { issuer }: OpenIdProvider, more: object = {}) {
  const world = { later: 0 };
  const clock = { now: () => systemClock.now(), monotonic: () => systemClock.monotonic() + world.later };
  const options = issuersSchema.parse([
    { name: "corp", type: "jwt", issuer, audience: "orders-api", tokenType: "at+jwt", ...more },
  ]);
  const issuers = await openIssuers(options, { logger: silentLogger, clock });
  t.after(() => issuers.close());
  const stages = [hygiene({ from: "strangers" }), authenticate({ kinds: [jwtKind({ issuers, clock })], clock })];
  const port = await serve(t, stages);
  const outcome = async (token: string): Promise<string> => {
    const { status, json } = await ask(port, "/", { headers: { host: "a.test", authorization: `Bearer ${token}` } });
    return status === 200 ? json.principal.subject : `${status} ${json.type.slice("urn:tandem:problem:".length)}`;
  };
  return { world, outcome, port };
}

const jwksAsked = ({ asked }: OpenIdProvider): number => asked.filter((path) => path === "/jwks").length;

test("a client's token of a real provider proves the client, by discovery alone", async (t) => {
  const provider = await OpenIdProvider.start(t, first);
  const { port } = await gateway(t, provider);
  const headers = { host: "a.test", authorization: `Bearer ${await provider.token()}` };
  const { json } = await ask(port, "/", { headers });
  assert.partialDeepStrictEqual(json.principal, {
    subject: "orders-web",
    client: "orders-web",
    scopes: ["orders:read"],
    method: "jwt",
    issuer: provider.issuer,
  });
  assert.deepEqual(
    provider.asked.filter((path) => path !== "/token"),
    ["/.well-known/openid-configuration", "/jwks"],
  );
});

test("a rotation at the provider refuses no good token, whether the new key was announced or not", async (t) => {
  const provider = await OpenIdProvider.start(t, first);
  const { world, outcome } = await gateway(t, provider);
  const tokens = [await provider.token()];
  const allGood = async (): Promise<void> => {
    for (const token of tokens) assert.equal(await outcome(token), "orders-web");
  };
  await allGood();
  provider.rotate(first, second);
  tokens.push(await provider.token());
  await allGood();
  provider.rotate(second, first);
  tokens.push(await provider.token());
  await allGood();
  assert.equal(jwksAsked(provider), 2, "a key that nobody knew was looked for, once");
  world.later += 10_000;
  provider.rotate(third, second, first);
  tokens.push(await provider.token());
  await allGood();
  assert.equal(jwksAsked(provider), 3);
});

test("a key that the provider has withdrawn proves nothing any more", async (t) => {
  const provider = await OpenIdProvider.start(t, first);
  const { world, outcome } = await gateway(t, provider);
  const old = await provider.token();
  assert.equal(await outcome(old), "orders-web");
  provider.rotate(second);
  world.later += 600_000;
  assert.equal(await outcome(await provider.token()), "orders-web");
  assert.equal(await outcome(old), "401 token.key");
});

test("an outage of the provider refuses no good token, and calls none bad that it cannot judge", async (t) => {
  const provider = await OpenIdProvider.start(t, first);
  const { world, outcome } = await gateway(t, provider);
  const [known, fresh] = [await provider.token(), await provider.token()];
  assert.equal(await outcome(known), "orders-web");
  provider.rotate(second, first);
  const young = await provider.token();
  await provider.stop();
  world.later += 600_000;
  assert.equal(await outcome(known), "orders-web");
  assert.equal(await outcome(fresh), "orders-web", "stale keys judge what they never saw");
  assert.equal(await outcome(young), "503 identity.unavailable");
  const [header = "", payload = ""] = fresh.split(".");
  assert.equal(await outcome(`${header}.${payload}.${"A".repeat(342)}`), "401 token.signature", "a bad one stays bad");
  await provider.restart();
  world.later += 1000;
  for (const token of [young, fresh, known]) assert.equal(await outcome(token), "orders-web");
});

test("stale keys serve for as long as they may, and not longer", async (t) => {
  const provider = await OpenIdProvider.start(t, first);
  const { world, outcome } = await gateway(t, provider, { staleFor: "1h" });
  const [one, two, three] = [await provider.token(), await provider.token(), await provider.token()];
  assert.equal(await outcome(one), "orders-web");
  await provider.stop();
  world.later += 600_000 + 3_500_000;
  assert.equal(await outcome(two), "orders-web");
  world.later += 100_000;
  assert.equal(await outcome(three), "503 identity.unavailable");
});

test("a gateway that starts before its provider answers 503 until the provider is there", async (t) => {
  const provider = await OpenIdProvider.start(t, first);
  const token = await provider.token();
  await provider.stop();
  const { world, outcome } = await gateway(t, provider);
  assert.equal(await outcome(token), "503 identity.unavailable");
  await provider.restart();
  world.later += 1000;
  assert.equal(await outcome(token), "orders-web");
});

test("made-up key ids make the provider be asked once per cool-down", async (t) => {
  const provider = await OpenIdProvider.start(t, first);
  const { world, outcome } = await gateway(t, provider);
  const good = await provider.token();
  assert.equal(await outcome(good), "orders-web");
  const [, payload, signature] = good.split(".");
  const madeUp = (kid: string): string =>
    `${Buffer.from(JSON.stringify({ alg: "RS256", typ: "at+jwt", kid })).toString("base64url")}.${payload}.${signature}`;
  for (const kid of ["a", "b", "c", "d"]) assert.equal(await outcome(madeUp(kid)), "401 token.key");
  assert.equal(jwksAsked(provider), 2);
  world.later += 10_000;
  for (const kid of ["e", "f"]) assert.equal(await outcome(madeUp(kid)), "401 token.key");
  assert.equal(jwksAsked(provider), 3);
});
