import assert from "node:assert/strict";
import { test } from "node:test";
import { dryRun } from "@tandem/kernel/explain/dry-run";
import { exchangeOf } from "@tandem/kernel/testing";
import { createClientKey, judging, proofFor, tokenBoundTo } from "./testing.ts";

const key = createClientKey();
const token = tokenBoundTo({ jkt: key.thumbprint });
const tls = { version: "TLSv1.3", cipher: "", alpn: "h2" };
const parts = (proof: string) => ({
  target: "/x",
  peer: { address: "192.0.2.1", port: 1, tls },
  rawHeaders: ["host", "a.test", "authorization", `DPoP ${token}`, "dpop", proof],
});

test("a dry run judges a proof, and spends none", async () => {
  const { stages } = judging();
  const proof = proofFor(key, { url: "https://a.test/x", token });
  const explain = async () => (await dryRun(stages, exchangeOf(parts(proof)).exchange.request)).steps.at(-1)?.evidence;
  const good = { credential: "jwt", scheme: "DPoP", good: true };
  const { principal, ...told } = (await explain()) as { principal: { subject: string } };
  assert.deepEqual([told, principal.subject], [good, "me"]);
  assert.deepEqual(await explain(), { ...good, principal });
  const { exchange } = exchangeOf(parts(proof));
  for (const stage of stages) await stage.run(exchange);
  assert.equal(exchange.principal.subject, "me", "it was still good");
  const { end, steps } = await dryRun(stages, exchangeOf(parts(proof)).exchange.request);
  assert.deepEqual(end.kind === "problem" && [end.code, end.detail], ["token.proof", "it was used before"]);
  assert.doesNotMatch(JSON.stringify(steps), /eyJ/);
});
