import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { openRedisStore } from "@tandem/platform/store/redis-store";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { fixedClock } from "@tandem/platform/testing";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { createClientKey, judging, proofFor, tokenBoundTo } from "./testing.ts";

const key = createClientKey();
const token = tokenBoundTo({ jkt: key.thumbprint });
const url = "https://a.test/x";
const tls = { version: "TLSv1.3", cipher: "", alpn: "h2" };

/** One request of a proof to one gateway: the subject, or why not. */
async function send({ stages }: ReturnType<typeof judging>, proof: string): Promise<string> {
  const rawHeaders = ["host", "a.test", "authorization", `DPoP ${token}`, "dpop", proof];
  const { exchange } = exchangeOf({ target: "/x", peer: { address: "192.0.2.1", port: 1, tls }, rawHeaders });
  try {
    for (const stage of stages) await stage.run(exchange);
    return exchange.principal.subject;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const fresh = (claims: object = {}): string => proofFor(key, { url, token }, { claims });

async function twoGateways(t: TestContext, options: object = {}) {
  const redis = await startRedis(t);
  const open = async () => {
    const store = await openRedisStore({
      url: redis.url,
      logger: silentLogger,
      prefix: "test:",
      commandTimeoutMs: 5000,
    });
    t.after(() => store.close());
    return judging({ store, options });
  };
  return { redis, one: await open(), other: await open() };
}

test("of one proof at two gateways at once, one is accepted", { skip: withoutRedis() }, async (t) => {
  const { one, other } = await twoGateways(t);
  for (let round = 0; round < 20; round++) {
    const proof = fresh();
    const outcomes = await Promise.all([send(one, proof), send(other, proof), send(one, proof)]);
    assert.deepEqual(outcomes.toSorted(), ["me", "token.proof", "token.proof"]);
  }
});

for (const fault of ["stopped", "hung"] as const)
  test(`while the store is ${fault} nothing is accepted, and afterwards it is`, { skip: withoutRedis() }, async (t) => {
    const { redis, one } = await twoGateways(t);
    assert.equal(await send(one, fresh()), "me");
    if (fault === "stopped") await redis.kill();
    else redis.freeze();
    const proof = fresh();
    assert.equal(await send(one, proof), "identity.unavailable");
    assert.equal(await send(one, fresh({ htm: "POST" })), "token.proof", "what is bad anyway is still told so");
    if (fault === "stopped") await redis.start();
    else redis.thaw();
    let outcome = "";
    for (let tries = 0; outcome !== "me" && tries < 100; tries++) {
      outcome = await send(one, fresh());
      if (outcome !== "me") await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(outcome, "me");
  });

test("where it is set so, proofs are accepted while the store is down", { skip: withoutRedis() }, async (t) => {
  const { redis, one } = await twoGateways(t, { withoutStore: "accept" });
  await redis.kill();
  const proof = fresh();
  assert.equal(await send(one, proof), "me");
  assert.equal(await send(one, proof), "me", "nobody can tell");
  assert.equal(await send(one, fresh({ ath: "x" })), "token.proof");
});

test("a proof is remembered until every gateway finds it too old", async () => {
  const clock = fixedClock(Date.now());
  // Another gateway's clock is behind by less than the skew.
  const behind = { now: () => clock.now() - 4000, monotonic: () => clock.monotonic() };
  const store = new MemoryStore({ clock });
  const [one, late] = [judging({ store, clock }), judging({ store, clock: behind })];
  // As far ahead as a client's clock may be, so that it is young enough for longest.
  const iat = Math.floor(clock.now() / 1000) + 4;
  const proof = fresh({ iat });
  assert.equal(await send(one, proof), "me");
  let answers = "";
  for (let second = 0; second < 80; second++) {
    clock.advance(1000);
    for (const gateway of [one, late]) {
      const outcome = await send(gateway, proof);
      if (outcome !== "token.proof") answers += ` ${second}: ${outcome}`;
    }
  }
  assert.equal(answers, "");
});

test("a store that is full refuses rather than forget a proof", async () => {
  const gateway = judging({ store: new MemoryStore({ maxEntries: 1 }) });
  assert.equal(await send(gateway, fresh()), "me");
  assert.equal(await send(gateway, fresh()), "identity.unavailable");
});

test("at the token endpoint a proof shows a key, once; no proof shows none", async () => {
  const { proofs } = judging();
  const request = (rawHeaders: string[]) => {
    const peer = { address: "192.0.2.1", port: 1, tls };
    const { exchange } = exchangeOf({
      path: "/oauth/token",
      method: "POST",
      peer,
      rawHeaders: ["host", "a.test", ...rawHeaders],
    });
    return exchange.request;
  };
  const asked = { url: "https://a.test/oauth/token", method: "POST" };
  const proof = proofFor(key, asked);
  assert.equal(await proofs.keyShown(request([])), undefined);
  assert.equal(await proofs.keyShown(request(["dpop", proof])), key.thumbprint);
  await assert.rejects(proofs.keyShown(request(["dpop", proof])), { name: "ProofError", message: /used before/ });
  const [again, twice] = [proofFor(key, asked), proofFor(key, asked)];
  await assert.rejects(proofs.keyShown(request(["dpop", again, "dpop", twice])), { message: /several/ });
  await assert.rejects(proofs.keyShown(request(["dpop", proofFor(key, { ...asked, method: "GET" })])), {
    code: "invalid_dpop_proof",
  });
});
