import assert from "node:assert/strict";
import { test } from "node:test";
import { claimAt, readClaimPath, type ClaimPath } from "./claim-path.ts";

const written: { text: string; path: ClaimPath | undefined }[] = [
  { text: "roles", path: ["roles"] },
  { text: "realm_access.roles", path: ["realm_access", "roles"] },
  { text: "resource_access.orders-api.roles", path: ["resource_access", "orders-api", "roles"] },
  { text: "/realm_access/roles", path: ["realm_access", "roles"] },
  { text: "/a.b/c", path: ["a.b", "c"] },
  { text: "/https:~1~1acme.test~1roles", path: ["https://acme.test/roles"] },
  { text: "/a~01", path: ["a~1"] },
  { text: "https://acme.test/roles", path: ["https://acme.test/roles"] },
  { text: "urn:acme:roles.v1", path: ["urn:acme:roles.v1"] },
  { text: "a~b", path: ["a~b"] },
  { text: "__proto__", path: ["__proto__"] },
  ...["", "/", ".", ".a", "a.", "a..b", "/a//b", "/a~2", "/a~"].map((text) => ({ text, path: undefined })),
];
for (const { text, path } of written)
  test(`${JSON.stringify(text)} is ${path ? `the way ${JSON.stringify(path)}` : "no way to a claim"}`, () =>
    assert.deepEqual(readClaimPath(text), path));

const claims = JSON.parse('{"a":1,"b":{"c":["x"],"d":null},"__proto__":{"e":2},"f":"text"}');
const found: { path: ClaimPath; value: unknown }[] = [
  { path: ["a"], value: 1 },
  { path: ["b", "c"], value: ["x"] },
  { path: ["b", "d"], value: null },
  { path: ["none"], value: undefined },
  { path: ["b", "none", "c"], value: undefined },
  { path: ["a", "b"], value: null },
  { path: ["b", "d", "e"], value: null },
  { path: ["b", "c", "0"], value: null },
  { path: ["b", "c", "length"], value: null },
  { path: ["f", "length"], value: null },
  { path: ["constructor"], value: undefined },
  { path: ["constructor", "name"], value: undefined },
  { path: ["b", "__proto__"], value: undefined },
  { path: ["b", "toString"], value: undefined },
  { path: ["__proto__", "e"], value: 2 },
];
for (const { path, value } of found)
  test(`at ${JSON.stringify(path)} there is ${JSON.stringify(value)}`, () =>
    assert.deepEqual(claimAt(claims, path), value));
