import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback, isNetwork, networksOf } from "./networks.ts";

const inside = networksOf(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);

for (const { address, expected } of [
  { address: "10.255.0.1", expected: true },
  { address: "11.0.0.1", expected: false },
  { address: "192.0.2.7", expected: true },
  { address: "192.0.2.8", expected: false },
  { address: "::ffff:10.1.2.3", expected: true },
  { address: "::ffff:11.1.2.3", expected: false },
  { address: "2001:db8:1::1", expected: true },
  { address: "2001:db9::1", expected: false },
  { address: "", expected: false },
  { address: "not an address", expected: false },
])
  test(`${address || "nothing"} is ${expected ? "inside" : "outside"}`, () => assert.equal(inside(address), expected));

for (const text of ["10.0.0.0/8", "10.0.0.1", "::/0", "0.0.0.0/0", "::1"])
  test(`${text} is a network`, () => assert.ok(isNetwork(text)));

for (const text of [
  "",
  "10.0.0.0/33",
  "::/129",
  "10.0.0/8",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "a.b",
  "10.0.0.0/-1",
  "fe80::1%lo",
])
  test(`"${text}" is no network`, () => {
    assert.equal(isNetwork(text), false);
    assert.throws(() => networksOf([text]), TypeError);
  });

for (const { host, expected } of [
  { host: "localhost", expected: true },
  { host: "127.8.8.8", expected: true },
  { host: "::1", expected: true },
  { host: "0.0.0.0", expected: false },
  { host: "::", expected: false },
  { host: "localhost.example.com", expected: false },
])
  test(`${host} is ${expected ? "" : "not "}loopback`, () => assert.equal(isLoopback(host), expected));
