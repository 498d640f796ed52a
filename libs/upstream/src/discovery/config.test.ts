import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { consulFields, consulSchema, snapshotsSchema, staticFields } from "./config.ts";

const schema = z.discriminatedUnion("discovery", [z.strictObject(staticFields), z.strictObject(consulFields)]);

test("a static list holds origins, with weights where they matter", () => {
  const instances = ["http://127.0.0.1:7101", { url: "https://catalog:7102", weight: 3 }];
  assert.deepEqual(schema.parse({ discovery: "static", instances }), {
    discovery: "static",
    instances: [
      { id: "127.0.0.1:7101", origin: "http://127.0.0.1:7101", weight: 1 },
      { id: "catalog:7102", origin: "https://catalog:7102", weight: 3 },
    ],
  });
});

test("a service in Consul may go by another name there", () => {
  assert.deepEqual(schema.parse({ discovery: "consul" }), { discovery: "consul" });
  assert.equal(schema.safeParse({ discovery: "consul", service: "orders-v2" }).success, true);
  const chosen = { tags: ["v2"], meta: { team: "x" }, datacenters: ["dc1", "dc2"] };
  assert.equal(schema.safeParse({ discovery: "consul", ...chosen }).success, true);
});

const refused: { name: string; given: unknown; at: string }[] = [
  { name: "another discovery", given: { discovery: "dns" }, at: "discovery" },
  { name: "no discovery", given: { instances: ["http://a:1"] }, at: "discovery" },
  { name: "no instance", given: { discovery: "static", instances: [] }, at: "instances" },
  { name: "an instance without a scheme", given: { discovery: "static", instances: ["a:1"] }, at: "instances.0" },
  { name: "an instance with a path", given: { discovery: "static", instances: ["http://a:1/x"] }, at: "instances.0" },
  { name: "an instance with a user", given: { discovery: "static", instances: ["http://u@a:1"] }, at: "instances.0" },
  {
    name: "one instance twice, however it is spelled",
    given: { discovery: "static", instances: ["http://a", { url: "http://A:80", weight: 2 }] },
    at: "instances.1",
  },
  {
    name: "a weight of nothing",
    given: { discovery: "static", instances: [{ url: "http://a:1", weight: 0 }] },
    at: "instances.0.weight",
  },
  { name: "a name with a slash", given: { discovery: "consul", service: "a/b" }, at: "service" },
  { name: "tags of a static list", given: { discovery: "static", instances: ["http://a:1"], tags: ["a"] }, at: "" },
  { name: "no tag at all", given: { discovery: "consul", tags: [] }, at: "tags" },
  { name: "a tag twice", given: { discovery: "consul", tags: ["a", "a"] }, at: "tags.1" },
  { name: "no pair at all", given: { discovery: "consul", meta: {} }, at: "meta" },
  { name: "a datacenter twice", given: { discovery: "consul", datacenters: ["dc1", "dc1"] }, at: "datacenters.1" },
  { name: "a datacenter with a slash", given: { discovery: "consul", datacenters: ["a/b"] }, at: "datacenters.0" },
  { name: "instances beside Consul", given: { discovery: "consul", instances: ["http://a:1"] }, at: "" },
];
for (const { name, given, at } of refused)
  test(`refused: ${name}`, () => {
    const { error } = schema.safeParse(given);
    assert.ok(error, "it was taken");
    const paths = error.issues.flatMap(deepPaths);
    assert.ok(paths.includes(at), `${JSON.stringify(paths)} has no "${at}"`);
  });

function deepPaths(issue: z.core.$ZodIssue): string[] {
  const own = issue.path.join(".");
  if (issue.code !== "invalid_union") return [own];
  const inner = issue.errors.flat().flatMap(deepPaths);
  return [own, ...inner.map((path) => [own, path].filter(Boolean).join("."))];
}

test("the agent is on this machine unless the file says otherwise", () => {
  const defaults = { address: "http://127.0.0.1:8500", wait: 10_000, grace: 30_000, emptyGrace: 5_000 };
  assert.deepEqual(consulSchema.parse({}), defaults);
  assert.equal(consulSchema.safeParse({ address: "http://consul:8500/v1" }).success, false);
  assert.equal(consulSchema.safeParse({ wait: "5m" }).success, false);
});

test("TLS is for an agent that speaks it", () => {
  assert.equal(consulSchema.safeParse({ address: "https://consul:8501", tls: { ca: "ca.crt" } }).success, true);
  const { error } = consulSchema.safeParse({ tls: { ca: "ca.crt" } });
  assert.deepEqual(error?.issues[0]?.path, ["tls"]);
});

test("snapshots are of use for three days unless the file says otherwise", () => {
  assert.equal(snapshotsSchema.parse({ directory: "/var/lib/tandem" }).maxAge, 259_200_000);
  assert.equal(snapshotsSchema.safeParse({}).success, false);
});

test("the token shows itself to nobody", () => {
  const { token } = consulSchema.parse({ token: "s3cr3t" });
  assert.equal(token?.reveal(), "s3cr3t");
  assert.doesNotMatch(JSON.stringify({ token }), /s3cr3t/);
});
