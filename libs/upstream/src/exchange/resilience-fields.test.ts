import assert from "node:assert/strict";
import { test } from "node:test";
import { servicesSchema } from "../services/config.ts";
import { idempotent } from "./retry-policy.ts";

const parse = (options: object) =>
  servicesSchema.safeParse({ orders: { discovery: "static", instances: ["http://a:1"], ...options } });

test("a service is asked again where that is safe, and never twice at once, unless it says otherwise", () => {
  const { tryTimeout, totalTimeout, retry, hedge } = parse({}).data!["orders"]!;
  assert.deepEqual([tryTimeout, totalTimeout, hedge], [undefined, undefined, undefined]);
  assert.deepEqual(retry, {
    attempts: 2,
    on: ["connect", "reset"],
    methods: idempotent,
    backOff: { first: 25, most: 250 },
    budget: { ratio: 0.2, min: 10 },
    bodyLimit: 65_536,
  });
});

test("a service says how it is asked again", () => {
  const { retry, hedge, totalTimeout } = parse({
    totalTimeout: "5s",
    retry: { attempts: 3, on: ["connect", 503], methods: ["GET", "POST"], backOff: { most: "2s" }, bodyLimit: "0B" },
    hedge: { after: "100ms" },
  }).data!["orders"]!;
  assert.deepEqual([totalTimeout, hedge], [5_000, { after: 100 }]);
  assert.deepEqual([retry.attempts, retry.on, retry.methods], [3, ["connect", 503], ["GET", "POST"]]);
  assert.deepEqual([retry.backOff, retry.bodyLimit], [{ first: 25, most: 2_000 }, 0]);
});

const refused: { name: string; given: object; at: string }[] = [
  { name: "no try at all", given: { retry: { attempts: 0 } }, at: "retry.attempts" },
  { name: "a word that names no failure", given: { retry: { on: ["5xx"] } }, at: "retry.on.0" },
  { name: "an answer that another instance would give as well", given: { retry: { on: [404] } }, at: "retry.on.0" },
  { name: "a list of nothing", given: { retry: { on: [] } }, at: "retry.on" },
  { name: "a method that nobody forwards", given: { retry: { methods: ["TRACE"] } }, at: "retry.methods.0" },
  {
    name: "a pause longer than the longest",
    given: { retry: { backOff: { first: "1s" } } },
    at: "retry.backOff.first",
  },
  {
    name: "a budget of more retries than requests",
    given: { retry: { budget: { ratio: 2 } } },
    at: "retry.budget.ratio",
  },
  { name: "a body that would fill the memory", given: { retry: { bodyLimit: "1GiB" } }, at: "retry.bodyLimit" },
  { name: "a try longer than all of them", given: { tryTimeout: "9s", totalTimeout: "5s" }, at: "tryTimeout" },
  { name: "a hedge after the timeout", given: { timeout: "1s", hedge: { after: "1s" } }, at: "hedge.after" },
  {
    name: "a hedge after the last moment",
    given: { totalTimeout: "50ms", hedge: { after: "80ms" } },
    at: "hedge.after",
  },
];
for (const { name, given, at } of refused)
  test(`${name} is refused`, () => {
    assert.equal(parse(given).error?.issues[0]?.path.join("."), `orders.${at}`);
  });
