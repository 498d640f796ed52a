import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "@tandem/contracts/upstream";
import type { Subset } from "./discovery.ts";
import { scripted } from "./scripted.testing.ts";
import { subset } from "./subset.ts";

const endpoint = (id: string, more: Partial<Endpoint> = {}): Endpoint => ({
  id,
  origin: `http://${id}:80`,
  weight: 1,
  ...more,
});
const all = [
  endpoint("a", { tags: ["v1", "eu"], meta: { team: "x" } }),
  endpoint("b", { tags: ["v2", "eu"], meta: { team: "y" } }),
  endpoint("c"),
];

const cases: { name: string; wanted: Subset; chosen: string }[] = [
  { name: "one tag", wanted: { tags: ["eu"] }, chosen: "a b" },
  { name: "all of several tags", wanted: { tags: ["eu", "v2"] }, chosen: "b" },
  { name: "a pair of meta", wanted: { meta: { team: "x" } }, chosen: "a" },
  { name: "tags and meta", wanted: { tags: ["v1"], meta: { team: "y" } }, chosen: "" },
  { name: "a key that every object has", wanted: { meta: { constructor: "x" } }, chosen: "" },
];
for (const { name, wanted, chosen } of cases)
  test(`a subset by ${name}`, () => {
    const { discovery, tell } = scripted();
    let told: string | undefined;
    const watch = subset(discovery, wanted).watch("orders", (list) => (told = list.map(({ id }) => id).join(" ")));
    tell(all);
    assert.equal(told, chosen);
    const { subset: by, endpoints } = watch.evidence();
    assert.deepEqual(by, { ...wanted, of: 3 });
    assert.equal(endpoints.map(({ id }) => id).join(" "), chosen);
  });

test("a change among the others is not told, and an order neither", () => {
  const { discovery, tell } = scripted();
  let times = 0;
  subset(discovery, { tags: ["eu"] }).watch("orders", () => times++);
  tell(all);
  tell(all.slice(0, 2));
  tell([...all].toReversed());
  assert.equal(times, 1);
  tell([endpoint("a", { tags: ["v1"] }), ...all.slice(1)]);
  assert.equal(times, 2, "an instance that lost its tag is in no subset of it");
});
