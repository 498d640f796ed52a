import assert from "node:assert/strict";
import { test } from "node:test";
import { registerSchema } from "./config.ts";

test("an empty section registers a routing gateway that speaks within five seconds", () => {
  assert.deepEqual(registerSchema.parse({}), { service: "routing-gateway", ttl: 5_000 });
});

for (const address of ["10.0.0.7", "fd00::7", "gateway-1.internal"])
  test(`the address ${address} is taken`, () => assert.equal(registerSchema.parse({ address }).address, address));

const refused: Record<string, object> = {
  "an address with a port": { address: "10.0.0.7:8081" },
  "an address with a scheme": { address: "http://10.0.0.7" },
  "an empty address": { address: "" },
  "a ttl that Consul could not keep": { ttl: "100ms" },
  "a ttl without a unit": { ttl: 5 },
  "a service name with a slash": { service: "a/b" },
  "an unknown key": { port: 8081 },
};
for (const [name, section] of Object.entries(refused))
  test(`refused: ${name}`, () => assert.equal(registerSchema.safeParse(section).success, false));
