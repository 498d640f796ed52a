import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { serviceFields } from "./config.ts";

const schema = z.strictObject(serviceFields);

test("a service needs to say nothing of its connections", () => {
  assert.deepEqual(schema.parse({}), {
    connectTimeout: 1000,
    timeout: 15_000,
    idleTimeout: 60_000,
    connections: 512,
    protocol: "http1",
    upgrades: { idleTimeout: 300_000 },
  });
});

test("a service says how long to wait, and whom to trust", () => {
  const options = schema.parse({
    timeout: "3s",
    connectTimeout: "250ms",
    tls: { ca: "ca.crt", name: "orders.internal" },
  });
  assert.deepEqual([options.timeout, options.connectTimeout], [3000, 250]);
  assert.deepEqual(options.tls, { ca: "ca.crt", name: "orders.internal" });
});

const refused: { name: string; given: unknown; at: string }[] = [
  { name: "a certificate without its key", given: { tls: { certificate: "a.crt" } }, at: "tls.key" },
  { name: "a key without its certificate", given: { tls: { key: "a.key" } }, at: "tls.certificate" },
  { name: "verification that could be switched off", given: { tls: { verify: false } }, at: "tls" },
  { name: "a time that never ends", given: { timeout: "100h" }, at: "timeout" },
  { name: "half a connection", given: { connections: 0.5 }, at: "connections" },
];

for (const { name, given, at } of refused)
  test(`${name} is refused`, () => {
    const { error } = schema.safeParse(given);
    assert.equal(error?.issues[0]?.path.join("."), at);
  });
