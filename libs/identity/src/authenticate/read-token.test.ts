import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import type { Issuer } from "../issuers/issuer.ts";
import { algorithms } from "../jose/algorithm.ts";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, signToken, sourceOf } from "./testing.ts";

const now = 1_700_000_000;
const claims = { iss: "https://issuer.test", aud: "api", sub: "me", iat: now, exp: now + 600 };

async function judge(token: string, issuer: Partial<Issuer> & Pick<Issuer, "keys">): Promise<string> {
  const clock = { now: () => now * 1000, monotonic: () => 0 };
  const issuers = issuersOf(issuerWith({ issuer: claims.iss, ...issuer }));
  const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${token}`] });
  await authenticate({ kinds: [jwtKind({ issuers, clock })], clock }).run(exchange);
  return exchange.principal.subject;
}

for (const algorithm of algorithms) {
  test(`${algorithm} is accepted where it is allowed, and its forgery is not`, async () => {
    const key = createTestKey(algorithm, "k");
    const issuer = { algorithms: [algorithm], keys: sourceOf(key.verification) };
    assert.equal(await judge(signToken(key, claims), issuer), "me");
    const forged = signToken(createTestKey(algorithm, "k"), claims);
    await assert.rejects(judge(forged, issuer), { code: "token.signature" });
  });
}

const [rsa, second, ed] = [createTestKey("RS256", "a"), createTestKey("RS256", "b"), createTestKey("EdDSA", "c")];
const nameless = signToken(rsa, claims, { kid: undefined });

test("a token without a key id is good where only one key can be meant", async () => {
  assert.equal(await judge(nameless, { keys: sourceOf(rsa.verification, ed.verification) }), "me");
  const keys = sourceOf(rsa.verification, second.verification);
  await assert.rejects(judge(nameless, { keys }), { code: "token.key", detail: /several keys/ });
});

test("a token with a key id is not judged by a key that has none", async () => {
  const keys = sourceOf({ ...rsa.verification, kid: undefined });
  assert.equal(await judge(nameless, { keys }), "me");
  await assert.rejects(judge(signToken(rsa, claims), { keys }), { code: "token.key" });
});

test("keys of one id and several algorithms are told apart by the algorithm", async () => {
  const pss = { ...second, algorithm: "PS256" as const };
  const keys = sourceOf(rsa.verification, { ...second.verification, kid: "a", algorithm: "PS256" });
  assert.equal(await judge(signToken(rsa, claims), { keys }), "me");
  assert.equal(await judge(signToken(pss, claims, { kid: "a" }), { keys }), "me");
});
