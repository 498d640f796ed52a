import assert from "node:assert/strict";
import { isIPv4 } from "node:net";
import { test } from "node:test";
import { ownAddress } from "./own-address.ts";

const cases = [
  {
    name: "what the host name resolves to",
    resolved: ["172.18.0.5"],
    interfaces: ["10.0.0.9"],
    expected: "172.18.0.5",
  },
  {
    name: "not loopback, which /etc/hosts may give",
    resolved: ["127.0.1.1"],
    interfaces: ["10.0.0.9"],
    expected: "10.0.0.9",
  },
  {
    name: "an interface when the name is unknown",
    resolved: undefined,
    interfaces: ["10.0.0.9"],
    expected: "10.0.0.9",
  },
  { name: "loopback when there is nothing else", resolved: undefined, interfaces: [], expected: "127.0.0.1" },
];
for (const { name, resolved, interfaces, expected } of cases) {
  const resolve = () => (resolved ? Promise.resolve(resolved) : Promise.reject(new Error("ENOTFOUND")));
  test(`the own address is ${name}`, async () => {
    assert.equal(await ownAddress({ name: "gateway-1", resolve, interfaces: () => interfaces }), expected);
  });
}

test("this machine has an address", async () => assert.ok(isIPv4(await ownAddress())));
