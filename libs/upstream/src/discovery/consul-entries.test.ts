import assert from "node:assert/strict";
import { test } from "node:test";
import { readEntries } from "./consul-entries.ts";

interface Given {
  readonly id?: string;
  readonly address?: string;
  readonly port?: unknown;
  readonly meta?: Record<string, unknown> | null;
  readonly weights?: unknown;
  readonly checks?: string[];
}
const entry = ({
  id = "a",
  address = "10.0.0.1",
  port = 80,
  meta = {},
  weights,
  checks = ["passing"],
}: Given = {}) => ({
  Node: { Node: "n1", Address: "10.9.9.9" },
  Service: { ID: id, Service: "orders", Address: address, Port: port, Meta: meta, Weights: weights },
  Checks: checks.map((Status) => ({ CheckID: "c", Status })),
});
const passing = (...given: Given[]) => readEntries(given.map(entry)).passing;

test("an entry becomes an endpoint", () => {
  assert.deepEqual(passing({ id: "orders-1" }), [{ id: "orders-1", origin: "http://10.0.0.1:80", weight: 1 }]);
});

test("a service without an address of its own has its node's", () => {
  assert.equal(passing({ address: "" })[0]?.origin, "http://10.9.9.9:80");
});

test("an instance behind TLS says so in its meta", () => {
  assert.equal(passing({ meta: { scheme: "https" }, port: 8081 })[0]?.origin, "https://10.0.0.1:8081");
});

const weights = [
  { name: "the weight of meta counts", given: { meta: { weight: "3" }, weights: { Passing: 7 } }, weight: 3 },
  { name: "then Consul's own", given: { weights: { Passing: 7, Warning: 1 } }, weight: 7 },
  { name: "one that is no number does not", given: { meta: { weight: "heavy" } }, weight: 1 },
  { name: "nor one below one", given: { meta: { weight: "-4" }, weights: { Passing: 0 } }, weight: 1 },
  { name: "nor an endless one", given: { meta: { weight: "1e9" } }, weight: 100 },
  { name: "missing meta is no fault", given: { meta: null }, weight: 1 },
];
for (const { name, given, weight } of weights)
  test(`weight: ${name}`, () => assert.equal(passing(given)[0]?.weight, weight));

for (const checks of [["critical"], ["passing", "warning"], ["passing", "critical"], ["maintenance"]])
  test(`an instance with checks ${checks.join(", ")} is registered but does not pass`, () => {
    const { passing: endpoints, registered } = readEntries([entry({ checks })]);
    assert.deepEqual(endpoints, []);
    assert.deepEqual([...registered], ["http://10.0.0.1:80"]);
  });

test("two registrations of one address are one endpoint, well if either is", () => {
  assert.deepEqual(
    passing({ id: "old", checks: ["critical"] }, { id: "new" }).map(({ id }) => id),
    ["new"],
  );
});

test("what nobody could connect to is left out, and the rest is read", () => {
  const unusable = [
    entry({ port: 0 }),
    entry({ port: "80" }),
    entry({ address: "10.0.0.1/evil" }),
    entry({ meta: { scheme: "ftp" } }),
    null,
    "orders",
    {},
    { Node: {}, Service: {}, Checks: [] },
  ];
  const { passing: endpoints, registered } = readEntries([...unusable, entry({ id: "b", address: "10.0.0.2" })]);
  assert.deepEqual(
    endpoints.map(({ id }) => id),
    ["b"],
  );
  assert.equal(registered.size, 1);
});
