// The other way around: whoever explains leaves a tier as it was, in all that can be seen of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBody } from "@tandem/kernel/admin/check-body";
import { drawing } from "@tandem/platform/drawing.testing";
import { nextQuestion } from "../explain/next-question.ts";
import { dryRequestOf } from "../explain/dry-request.ts";
import { routingQuestion, securityQuestion } from "../explain/question.ts";
import type { RunningTier } from "../testing.ts";
import { lanes, startWorld, type World } from "./explained-world.testing.ts";
import { drawRequest, questionOf } from "./random-requests.testing.ts";
import { openClient } from "./send-request.testing.ts";
import { proofFor } from "@tandem/identity/dpop/testing";

const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e9));

/** What differs by the time that passes. */
const ofTheProcess =
  /^(?:#|process_|nodejs_|tandem_process|tandem_event_loop|tandem_heap|tandem_gc|tandem_memory)|lag|uptime|age_seconds|expires|_sockets|_heap|_cpu|_rss|discovery_/;

const inTime: ReadonlySet<string> = new Set(["ageMs", "at", "latencyMs", "discovery"]);

/** All that the admin plane shows of a tier, and its log. */
async function seen(tier: RunningTier): Promise<Record<string, unknown>> {
  const text = await (await tier.admin("/metrics")).text();
  // What differs by the time that passes, and what discovery hears meanwhile.
  const json = async (path: string): Promise<unknown> =>
    JSON.parse(await (await tier.admin(path)).text(), (key, value) => (inTime.has(key) ? undefined : value));
  return {
    metrics: text.split("\n").filter((line) => line !== "" && !ofTheProcess.test(line)),
    pools: await json("/pools"),
    traces: await json("/traces"),
    requests: await json("/requests"),
    rates: await json("/rates"),
    log: tier.lines.length,
  };
}

async function explainMany({ bed, ...world }: World, count: number): Promise<void> {
  const draw = drawing(seed);
  for (let turn = 0; turn < count; turn++) {
    const question = questionOf(drawRequest(draw, { bed, ...world }, { lane: turn % lanes }));
    const asked = checkBody(securityQuestion, question);
    const { view, given } = dryRequestOf(asked);
    const next = nextQuestion(asked, await bed.security.gateway.explain(view, given));
    if (!next) continue;
    const dry = dryRequestOf(checkBody(routingQuestion, next));
    await bed.routing.gateway.explain(dry.view, dry.given);
  }
}

test("a thousand explanations change nothing that can be seen", { timeout: 300_000 }, async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const world = await startWorld(t);
  const { bed, bound, callers } = world;
  const client = openClient(bed.security.port, bed.tls());
  t.after(() => client.close());
  const send = (target: string, headers: Readonly<Record<string, string>>) =>
    client.send({
      protocol: "1.1",
      method: "GET",
      target,
      host: "localhost:8443",
      headers: Object.entries(headers),
      body: undefined,
      upgrade: false,
      caller: "",
    });
  // Something that can be changed.
  for (let turn = 0; turn < 20; turn++) await send(`/turns/0/${turn}`, turn % 2 === 0 ? callers["ann"]! : {});
  await explainMany(world, 50);
  const asked = { method: "GET", url: "https://localhost:8443/shop/proof" };
  const proof = proofFor(bound.key, { ...asked, token: bound.token });
  const proving = { authorization: `DPoP ${bound.token}`, dpop: proof };
  const before = { security: await seen(bed.security), routing: await seen(bed.routing) };

  await explainMany(world, 1_000);
  for (let turn = 0; turn < 5; turn++) {
    const { view, given } = dryRequestOf(checkBody(securityQuestion, { ...asked, headers: proving }));
    assert.equal((await bed.security.gateway.explain(view, given)).principal.subject, "ann");
  }

  assert.deepEqual({ security: await seen(bed.security), routing: await seen(bed.routing) }, before);
  const keys: any = await (await bed.security.admin("/api-keys")).json();
  assert.ok(!JSON.stringify(keys).includes("lastUsed"), "a key was explained, and used by nobody");
  assert.equal((await send("/shop/proof", proving)).status, 200, "the proof was still good");
  assert.equal((await send("/shop/proof", proving)).status, 401);
});
