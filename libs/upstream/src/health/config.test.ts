import assert from "node:assert/strict";
import { test } from "node:test";
import { healthSchema } from "./config.ts";
import { statusesIn } from "./statuses.ts";

test("a service that says nothing has mild ejection, no probes, and a panic when nobody is healthy", () => {
  const { outlier, probe, failing, panic } = healthSchema.parse(undefined);
  assert.deepEqual(outlier, { failures: 5, base: 30_000, most: 300_000, minHealthy: 1 });
  assert.deepEqual([probe, panic], [undefined, 1]);
  assert.deepEqual(failing, [{ from: 502, to: 504 }]);
});

test("a probe needs a path, and has mild times", () => {
  const { probe } = healthSchema.parse({ probe: { type: "http", path: "/healthz" } });
  assert.deepEqual(probe, {
    type: "http",
    path: "/healthz",
    expect: [{ from: 200, to: 299 }],
    interval: 10_000,
    edgeInterval: 2_000,
    timeout: 2_000,
    healthyAfter: 2,
    unhealthyAfter: 3,
    jitter: 0.2,
  });
});

const refused: { name: string; given: unknown; at: string }[] = [
  { name: "a probe without a type", given: { probe: { path: "/" } }, at: "probe.type" },
  { name: "an HTTP probe without a path", given: { probe: { type: "http" } }, at: "probe.path" },
  { name: "a path in a TCP probe", given: { probe: { type: "tcp", path: "/" } }, at: "probe" },
  { name: "a path that is none", given: { probe: { type: "http", path: "healthz" } }, at: "probe.path" },
  { name: "a path that splits the request", given: { probe: { type: "http", path: "/a\r\nb" } }, at: "probe.path" },
  {
    name: "a host that splits the request",
    given: { probe: { type: "http", path: "/", host: "a\r\nb" } },
    at: "probe.host",
  },
  { name: "a range that is empty", given: { failing: ["504-502"] }, at: "failing.0" },
  { name: "a status that is none", given: { failing: [99] }, at: "failing.0" },
  { name: "no status at all", given: { failing: [] }, at: "failing" },
  {
    name: "a hurry that is slower than no hurry",
    given: { probe: { type: "tcp", interval: "1s", edgeInterval: "2s" } },
    at: "probe.edgeInterval",
  },
  { name: "a first ejection beyond the longest", given: { outlier: { base: "10m" } }, at: "outlier.most" },
  { name: "ejections that leave nobody", given: { outlier: { minHealthy: 0 } }, at: "outlier.minHealthy" },
  { name: "a word that means nothing here", given: { maxEjectionPercent: 10 }, at: "" },
];

for (const { name, given, at } of refused)
  test(`${name} is refused`, () => {
    const { error } = healthSchema.safeParse(given);
    assert.equal(error?.issues[0]?.path.join("."), at);
  });

test("a list of statuses means those and no other", () => {
  const { failing } = healthSchema.parse({ failing: [500, "502-504"] });
  const isFailing = statusesIn(failing);
  const found = Array.from({ length: 1_000 }, (_, status) => status).filter(isFailing);
  assert.deepEqual(found, [500, 502, 503, 504]);
});
