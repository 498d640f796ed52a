// One contract for every balancer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import type { Instance } from "../pool/instance.ts";
import { TestInstance } from "../pool/testing.ts";
import { balanceField, balances } from "./config.ts";

const instance = (id: string, weight = 1): Instance => new TestInstance(id, { weight });
const { exchange } = exchangeOf();

for (const [name, make] of Object.entries(balances)) {
  test(`${name}: its name is the one in the configuration`, () => assert.equal(balanceField.parse(name), name));

  test(`${name}: the only instance gets everything`, () => {
    const only = instance("a");
    const choose = make()([only]);
    for (let turn = 0; turn < 10; turn++) assert.equal(choose(exchange, []), only);
  });

  test(`${name}: every instance takes part, as its weight says`, () => {
    const instances = [instance("a"), instance("b", 3), instance("c", 2)];
    const counts = spread(make()(instances), 6_000);
    for (const { id, weight } of instances) {
      const expected = weight * 1_000;
      assert.ok(Math.abs((counts[id] ?? 0) - expected) < expected / 5, `${id}: ${counts[id]} of ${expected}`);
    }
  });

  test(`${name}: nobody is chosen twice for one request, and at last nobody`, () => {
    const instances = ["a", "b", "c"].map((id) => instance(id));
    const choose = make()(instances);
    const tried: Instance[] = [];
    for (let next = choose(exchange, tried); next; next = choose(exchange, tried)) tried.push(next);
    assert.deepEqual(new Set(tried), new Set(instances));
    assert.equal(tried.length, 3);
  });

  test(`${name}: two lists do not share their state`, () => {
    const [first, second] = [make()([instance("a"), instance("b")]), make()([instance("c")])];
    first(exchange, []);
    assert.equal(second(exchange, [])?.id, "c");
    assert.match(first(exchange, [])!.id, /^[ab]$/);
  });

  test(`${name}: the list it was given stays as it was`, () => {
    const instances = Object.freeze([instance("b"), instance("a")]);
    spread(make()(instances), 10);
    assert.deepEqual(
      instances.map(({ id }) => id),
      ["b", "a"],
    );
  });
}

function spread(
  choose: ReturnType<ReturnType<(typeof balances)["round-robin"]>>,
  times: number,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < times; turn++) {
    const { id } = choose(exchange, [])!;
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}
