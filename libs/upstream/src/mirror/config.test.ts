import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { mirrorFields } from "./config.ts";

const schema = z.strictObject(mirrorFields);

test("a mirror needs to be no more than a service", () => {
  assert.deepEqual(schema.parse({}), {});
  assert.deepEqual(schema.parse({ mirror: { service: "shadow" } }).mirror, {
    service: "shadow",
    percent: 100,
    most: 64,
    holdBody: 65_536,
    timeout: 10_000,
  });
  const given = { service: "shadow", percent: 0.5, most: 1, holdBody: "0B", timeout: "250ms" };
  assert.deepEqual(schema.parse({ mirror: given }).mirror, { ...given, holdBody: 0, timeout: 250 });
});

const refused: { name: string; given: object; at: string }[] = [
  { name: "no service", given: {}, at: "mirror.service" },
  { name: "no request of a hundred", given: { service: "a", percent: 0 }, at: "mirror.percent" },
  { name: "more than all", given: { service: "a", percent: 101 }, at: "mirror.percent" },
  { name: "room for none", given: { service: "a", most: 0 }, at: "mirror.most" },
  { name: "bodies without end", given: { service: "a", holdBody: "1GiB" }, at: "mirror.holdBody" },
  { name: "time without end", given: { service: "a", timeout: "1h" }, at: "mirror.timeout" },
];
for (const { name, given, at } of refused)
  test(`refused: ${name}`, () => {
    const { error } = schema.safeParse({ mirror: given });
    assert.equal(error?.issues[0]?.path.join("."), at);
  });
