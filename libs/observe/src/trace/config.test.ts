import assert from "node:assert/strict";
import { test } from "node:test";
import { tracesSchema } from "./config.ts";

test("without a section every tenth trace is taken and none is sent", () => {
  assert.deepEqual(tracesSchema.parse(undefined), { sample: 0.1, keep: 200 });
});

test("a full section is read", () => {
  const given = { otlp: "http://jaeger:4318", sample: 1, slow: "1s", keep: 50, debug: { scopes: ["traces:debug"] } };
  assert.deepEqual(tracesSchema.parse(given), { ...given, slow: 1000 });
});

const refused = [
  { name: "a share above one", given: { sample: 1.5 } },
  { name: "a share below zero", given: { sample: -0.1 } },
  { name: "a share in words", given: { sample: "10%" } },
  { name: "a collector without a scheme", given: { otlp: "jaeger:4318" } },
  { name: "a collector with a password", given: { otlp: "http://me:hunter2@jaeger:4318" } },
  { name: "a collector that is a file", given: { otlp: "file:///etc/passwd" } },
  { name: "a slowness without a unit", given: { slow: 500 } },
  { name: "a slowness of nothing", given: { slow: "0ms" } },
  { name: "more traces than memory is meant for", given: { keep: 1_000_000 } },
  { name: "half a trace", given: { keep: 0.5 } },
  { name: "a debugger who needs nothing", given: { debug: {} } },
  { name: "a debugger who needs none of no scopes", given: { debug: { scopes: [] } } },
  { name: "a scope that none can be", given: { debug: { scopes: ["a b"] } } },
  { name: "an unknown key", given: { sampel: 1 } },
];
for (const { name, given } of refused) {
  test(`${name} is refused`, () => assert.equal(tracesSchema.safeParse(given).success, false));
}
