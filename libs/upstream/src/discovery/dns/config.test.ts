import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { staticFields } from "../config.ts";
import { dnsAddressFields, dnsSrvFields, readServer } from "./config.ts";

const schema = z.discriminatedUnion("discovery", [
  z.strictObject(staticFields),
  z.discriminatedUnion("type", [z.strictObject(dnsSrvFields), z.strictObject(dnsAddressFields)]),
]);
const srv = { discovery: "dns", type: "srv", name: "_orders._tcp.example.com" };
const a = { discovery: "dns", type: "a", name: "orders.internal", port: 8080 };

test("a name and what to ask for is enough", () => {
  const defaults = { scheme: "http", family: "both", minTtl: 1_000, maxTtl: 300_000, emptyGrace: 30_000 };
  assert.deepEqual(schema.parse(srv), { ...srv, ...defaults });
  assert.deepEqual(schema.parse({ ...a, name: "Orders.Internal." }), { ...a, ...defaults });
});

const refused: { name: string; given: object; at: string }[] = [
  { name: "nothing to ask for", given: { discovery: "dns", name: "a.b" }, at: "type" },
  { name: "addresses without a port", given: { ...a, port: undefined }, at: "port" },
  { name: "a port of SRV records, which have their own", given: { ...srv, port: 80 }, at: "" },
  { name: "tags, which DNS has not", given: { ...srv, tags: ["a"] }, at: "" },
  { name: "a name with a space", given: { ...a, name: "a b" }, at: "name" },
  { name: "a name with an empty label", given: { ...a, name: "a..b" }, at: "name" },
  { name: "a label that is too long", given: { ...a, name: "a".repeat(64) }, at: "name" },
  {
    name: "a name that is too long",
    given: { ...a, name: Array.from({ length: 64 }, () => "aaaa").join(".") },
    at: "name",
  },
  { name: "a name server by name", given: { ...a, servers: ["dns.internal"] }, at: "servers.0" },
  { name: "a name server twice", given: { ...a, servers: ["10.0.0.2", "10.0.0.2:53"] }, at: "servers.1" },
  { name: "a shortest time beyond the longest", given: { ...a, minTtl: "2m" }, at: "minTtl" },
];
for (const { name, given, at } of refused)
  test(`refused: ${name}`, () => {
    const { error } = schema.safeParse(given);
    assert.equal(error?.issues[0]?.path.join("."), at);
  });

const servers = [
  { text: "10.0.0.2", expected: { address: "10.0.0.2", port: 53 } },
  { text: "127.0.0.1:8600", expected: { address: "127.0.0.1", port: 8600 } },
  { text: "::1", expected: { address: "::1", port: 53 } },
  { text: "[fe80::1]:5353", expected: { address: "fe80::1", port: 5353 } },
  { text: "[::1]", expected: { address: "::1", port: 53 } },
  { text: "10.0.0.2:0", expected: undefined },
  { text: "10.0.0.2:65536", expected: undefined },
  { text: "[10.0.0.2]:53", expected: undefined },
  { text: "10.0.0", expected: undefined },
  { text: "", expected: undefined },
];
for (const { text, expected } of servers)
  test(`a name server "${text}"`, () => assert.deepEqual(readServer(text), expected));
