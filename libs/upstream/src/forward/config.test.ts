import assert from "node:assert/strict";
import { test } from "node:test";
import { routingTierSchema } from "./config.ts";

const gateways = { discovery: "static", instances: ["https://10.0.0.7:8081"] };
const tls = { certificate: "client.crt", key: "client.key", ca: "ca.crt" };

test("a list of gateways is enough", () => {
  const { connectTimeout, timeout, idleTimeout, connections } = routingTierSchema.parse(gateways);
  assert.deepEqual([connectTimeout, timeout, idleTimeout, connections], [1000, 60_000, 300_000, 512]);
});

test("gateways found in Consul are verified by their name, not by their address", () => {
  const options = routingTierSchema.parse({ discovery: "consul", service: "routing-gateway", tls });
  assert.deepEqual(options.tls, { ...tls, name: "routing-gateway" });
});

const refused: { name: string; given: unknown; at: string }[] = [
  { name: "no discovery", given: {}, at: "discovery" },
  { name: "TLS with half of what it takes", given: { ...gateways, tls: { ca: "ca.crt" } }, at: "tls.certificate" },
  {
    name: "TLS that an instance in clear text would not see",
    given: { discovery: "static", instances: ["https://a:1", "http://b:1"], tls },
    at: "instances.1",
  },
  {
    name: "TLS that gateways in DNS, spoken to in clear text, would not see",
    given: { discovery: "dns", type: "a", name: "gateways.internal", port: 8081, tls },
    at: "scheme",
  },
  { name: "a time without unit", given: { ...gateways, timeout: 5 }, at: "timeout" },
  { name: "no time at all", given: { ...gateways, connectTimeout: "0ms" }, at: "connectTimeout" },
  { name: "no connection", given: { ...gateways, connections: 0 }, at: "connections" },
  { name: "a word that means nothing here", given: { ...gateways, retries: 3 }, at: "" },
];

for (const { name, given, at } of refused)
  test(`${name} is refused`, () => {
    const { error } = routingTierSchema.safeParse(given);
    assert.equal(error?.issues[0]?.path.join("."), at);
  });
