import assert from "node:assert/strict";
import { test } from "node:test";
import { readEntries } from "./consul-entries.ts";

interface Given {
  readonly id?: string;
  readonly address?: string;
  readonly port?: unknown;
  readonly meta?: Record<string, unknown> | null;
  readonly tags?: unknown;
  readonly weights?: unknown;
  readonly checks?: string[];
}
const entry = ({
  id = "a",
  address = "10.0.0.1",
  port = 80,
  meta = {},
  tags = [],
  weights,
  checks = ["passing"],
}: Given = {}) => ({
  Node: { Node: "n1", Address: "10.9.9.9" },
  Service: { ID: id, Service: "orders", Address: address, Port: port, Tags: tags, Meta: meta, Weights: weights },
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

test("tags, meta and a zone come along", () => {
  const [endpoint] = passing({ tags: ["v2", "canary"], meta: { zone: "eu-1a", owner: "orders" } });
  assert.deepEqual(endpoint?.tags, ["v2", "canary"]);
  assert.deepEqual(endpoint?.meta, { zone: "eu-1a", owner: "orders" });
  assert.equal(endpoint?.zone, "eu-1a");
});

const said: { name: string; given: Given; expected: object }[] = [
  { name: "a zone that is no word is none", given: { meta: { zone: "a\nb" } }, expected: { meta: { zone: "a\nb" } } },
  { name: "missing tags are none", given: { tags: null }, expected: {} },
  { name: "a tag longer than any is left out", given: { tags: ["x".repeat(513), "b"] }, expected: { tags: ["b"] } },
  { name: "so is a value", given: { meta: { a: "x".repeat(513), b: "c" } }, expected: { meta: { b: "c" } } },
];
for (const { name, given, expected } of said)
  test(name, () => {
    const [{ id: _, origin: __, weight: ___, ...rest } = assert.fail()] = passing(given);
    assert.deepEqual(rest, expected);
  });

test("a key of meta that means something to the language means nothing here", () => {
  const meta: unknown = JSON.parse(`{"__proto__":"x","constructor":"y","toString":"z"}`);
  const [endpoint] = passing({ meta: meta as Record<string, unknown> });
  assert.equal(Object.getPrototypeOf(endpoint?.meta), Object.prototype);
  assert.equal(endpoint?.meta?.["constructor"], "y");
  assert.equal(typeof {}.toString, "function");
});

test("of more tags and pairs than Consul allows, the first are read", () => {
  const many = Array.from({ length: 1_000 }, (_, index) => `t${index}`);
  const [endpoint] = passing({ tags: many, meta: Object.fromEntries(many.map((key) => [key, "v"])) });
  assert.equal(endpoint?.tags?.length, 64);
  assert.equal(Object.keys(endpoint?.meta ?? {}).length, 64);
});

test("ten thousand instances are read, those with addresses of somebody else's making left out", () => {
  const addresses = ["10.0.0.1", "user@evil", "10.0.0.1:80/x", "a b", "[::1", "☃", "10.0.0.1#"];
  const given = Array.from({ length: 10_000 }, (_, index) =>
    entry({ id: `i${index}`, port: 1 + index, address: addresses[index % addresses.length] ?? "", tags: ["a"] }),
  );
  const read = readEntries(given).passing;
  assert.equal(read.length, given.filter(({ Service }) => Service.Address === "10.0.0.1").length);
});
