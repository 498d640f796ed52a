import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { splitFields } from "./config.ts";

const schema = z.strictObject(splitFields);
const stable = { service: "orders", weight: 90 };
const next = { service: "orders-v2", weight: 10 };

test("a split is a list, or a list and what one caller is known by", () => {
  assert.deepEqual(schema.parse({}), {});
  assert.deepEqual(schema.parse({ split: [stable, next] }).split, { by: undefined, among: [stable, next] });
  for (const by of ["principal", "client", "address", { header: "x-cart" }, { cookie: "cart" }]) {
    const given = { by, among: [stable, { ...next, weight: 0, when: { client: ["beta-app"] } }] };
    assert.deepEqual(schema.parse({ split: given }).split, given);
  }
});

const canary = (when: object) => [stable, { service: "orders-v2", weight: 0, when }];
const refused: { name: string; given: unknown }[] = [
  { name: "one service", given: [stable] },
  { name: "the same service twice", given: [stable, { ...next, service: "orders" }] },
  { name: "a service that nobody gets to", given: [stable, { ...next, weight: 0 }] },
  { name: "no weight", given: [stable, { service: "orders-v2" }] },
  { name: "less than nobody", given: [stable, { ...next, weight: -1 }] },
  { name: "half a weight", given: [stable, { ...next, weight: 0.5 }] },
  {
    name: "nowhere for most",
    given: [
      { service: "a", weight: 0, when: { client: ["a"] } },
      { service: "b", weight: 0, when: { client: ["b"] } },
    ],
  },
  { name: "a list that is known by nothing", given: { among: [stable, next] } },
  { name: "a key that there is not", given: { by: "moon", among: [stable, next] } },
  { name: "a header that is the gateway's", given: { by: { header: "x-forwarded-for" }, among: [stable, next] } },
  { name: "a header of the tiers' own", given: { by: { header: "tandem-client" }, among: [stable, next] } },
  { name: "a canary by nothing", given: canary({}) },
  { name: "a canary by two things", given: canary({ client: ["a"], subject: ["b"] }) },
  { name: "a canary for no client", given: canary({ client: [] }) },
  { name: "a canary for a client twice", given: canary({ client: ["a", "a"] }) },
  { name: "a canary by a header that ends here", given: canary({ header: { name: "authorization", value: "a" } }) },
  { name: "a canary by a header in capitals", given: canary({ header: { name: "X-Canary", value: "a" } }) },
];
for (const { name, given } of refused)
  test(`refused: ${name}`, () => assert.equal(schema.safeParse({ split: given }).success, false));

test("the JSON Schema describes what is written, not what it becomes", () => {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  assert.match(text, /"weight"/);
  assert.match(text, /"among"/);
});
