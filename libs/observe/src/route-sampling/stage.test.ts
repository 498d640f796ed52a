import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { compileSamples, samplingFields } from "./config.ts";
import { sampleRoute } from "./stage.ts";
import { z } from "zod";

const samples = compileSamples([
  { name: "all", trace: { sample: 1 } },
  { name: "none", trace: { sample: 0 } },
  { name: "half", trace: { sample: 0.5 } },
  { name: "plain" },
]);
const stage = sampleRoute(samples);
const low = `${"1".repeat(24)}10000000`;
const high = `${"1".repeat(24)}f0000000`;

const cases = [
  { name: "a share of one raises", route: "all", before: false, after: true },
  { name: "a share of none lowers", route: "none", before: true, after: false },
  { name: "half takes the lower half of the trace ids", route: "half", before: false, after: true },
  { name: "and leaves the upper half out", route: "half", traceId: high, before: true, after: false },
  { name: "a route without a share changes nothing", route: "plain", before: true, after: true },
  { name: "no route changes nothing", route: undefined, before: true, after: true },
  { name: "what a trusted caller decided is not lowered", route: "none", decided: true, before: true, after: true },
  { name: "nor raised", route: "all", decided: true, before: false, after: false },
] as const;
for (const { name, route, before, after, ...more } of cases)
  test(name, () => {
    const { exchange } = exchangeOf();
    exchange.record.trace = { traceId: low, spanId: "2".repeat(16), random: true, sampled: before, ...more };
    if (route !== undefined) exchange.route = { name: route, allow: { kind: "anyone" } };
    void stage.run(exchange);
    assert.equal(exchange.record.trace.sampled, after);
    assert.equal(exchange.reply.added.includes("traceresponse"), before !== after);
  });

test("without a route that says so it is left out", () => {
  assert.equal(sampleRoute(compileSamples([{ name: "plain" }])).idle, true);
  assert.equal(stage.idle, false);
});

test("a dry run has no trace, and is told the share", () => {
  const { exchange } = exchangeOf();
  exchange.route = { name: "half", allow: { kind: "anyone" } };
  void stage.run(exchange);
  assert.deepEqual(stage.explain?.(exchange), { sample: 0.5 });
  exchange.route = { name: "plain", allow: { kind: "anyone" } };
  assert.equal(stage.explain?.(exchange), undefined);
});

for (const trace of [{}, { sample: 2 }, { sample: -1 }, { sample: "10%" }, { sample: 1, slow: "1s" }, 0.5])
  test(`${JSON.stringify(trace)} is refused`, () =>
    assert.equal(z.object(samplingFields).safeParse({ trace }).success, false));
