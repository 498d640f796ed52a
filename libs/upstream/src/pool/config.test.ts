import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { poolFields } from "./config.ts";
import { zoneFaults } from "./zone-faults.ts";

const schema = z.strictObject(poolFields);

test("nothing is limited, warmed up or preferred before somebody says so", () => {
  assert.deepEqual(schema.parse({}), { zone: "any" });
});

test("a slow start has a window and a beginning", () => {
  assert.deepEqual(schema.parse({ slowStart: {} }).slowStart, { window: 30_000, from: 0.1 });
});

for (const given of [
  { slowStart: { from: 0 } },
  { slowStart: { from: 10 } },
  { limit: {} },
  { limit: { requests: 0 } },
  { zone: "a" },
])
  test(`${JSON.stringify(given)} is refused`, () => assert.equal(schema.safeParse(given).success, false));

test("a preference needs to know where the gateway stands", () => {
  const services = { orders: { zone: "prefer" }, catalog: { zone: "any" } };
  assert.deepEqual(
    zoneFaults(services).map(({ path }) => path),
    [["services", "orders", "zone"]],
  );
  assert.deepEqual(zoneFaults(services, "a"), []);
});
