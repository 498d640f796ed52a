import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "@tandem/kernel/exchange";
import { drawing } from "@tandem/platform/drawing.testing";
import type { TestInstance } from "../pool/testing.ts";
import { consistentHash } from "./consistent-hash.ts";
import { alike, asking, instancesOf, spread } from "./testing.ts";

const byCart = consistentHash({ of: { header: "x-cart" }, maxLoad: 1.25 }, { random: drawing(6).next });
const cart = (name: string | number): Exchange => asking({ "x-cart": String(name) });

test("a key leads to the same instance, whoever is asked and in whatever order discovery names them", () => {
  const instances = instancesOf(1, 2, 1, 3, 1);
  const [one, other] = [byCart(instances), byCart(instances.toReversed())];
  for (let key = 0; key < 1_000; key++) {
    const chosen = one(cart(key), []);
    assert.equal(other(cart(key), []), chosen);
    assert.equal(one(cart(key), []), chosen);
  }
});

for (const count of [3, 10, 100])
  test(`when one of ${count} leaves, no other loses a key`, () => {
    const instances = alike(count);
    const [before, after] = [byCart(instances), byCart(instances.slice(1))];
    let moved = 0;
    for (let key = 0; key < 3_000; key++) {
      const chosen = before(cart(key), []);
      if (after(cart(key), []) === chosen) continue;
      assert.equal(chosen, instances[0]);
      moved++;
    }
    assert.ok(moved / 3_000 < 1 / count + 0.05, `${moved} of 3000`);
  });

test("another try of one key goes to the same next one, of different keys to different ones", () => {
  const instances = alike(10);
  const choose = byCart(instances);
  const seconds = new Set<unknown>();
  for (let key = 0; key < 3_000; key++) {
    const first = choose(cart(key), [])!;
    const second = choose(cart(key), [first]);
    assert.notEqual(second, first);
    assert.equal(choose(cart(key), [first]), second);
    if (first === instances[0]) seconds.add(second);
  }
  assert.equal(seconds.size, 9);
});

for (const { count, maxLoad } of [
  { count: 2, maxLoad: 1.25 },
  { count: 10, maxLoad: 1.25 },
  { count: 10, maxLoad: 2 },
  { count: 100, maxLoad: 1.5 },
])
  test(`a hot key fills none of ${count} beyond ${maxLoad} times its share`, () => {
    const instances = alike(count);
    const choose = consistentHash({ of: { header: "x-cart" }, maxLoad })(instances);
    const under: TestInstance[] = [];
    for (let turn = 0; turn < 3_000; turn++) {
      const chosen = choose(cart("hot"), []) as TestInstance;
      chosen.begin();
      under.push(chosen);
      // Of many, the count of what is in flight is a few calls old, and beyond a long full stretch the lighter of two has to do.
      const most = Math.ceil(((under.length + count / 4) * maxLoad) / count) + (count > 32 ? 1 : 0);
      assert.ok(chosen.inFlight <= most, `${chosen.inFlight} of ${under.length}`);
      // Some end meanwhile, whenever they began.
      if (turn % 3 === 0) under.splice((turn * 7) % under.length, 1)[0]!.end();
    }
    assert.ok(instances.filter(({ inFlight }) => inFlight > 0).length >= count / maxLoad - 1);
  });

test("room goes by weight", () => {
  const instances = instancesOf(3, 1);
  const choose = byCart(instances);
  for (let turn = 0; turn < 400; turn++) choose(cart("hot"), [])!.begin();
  for (const { inFlight, weight } of instances)
    assert.ok(inFlight <= Math.ceil(weight * 100 * 1.25), `${inFlight} for ${weight}`);
});

test("a hot key leaves the keys of others where they are", () => {
  const instances = alike(10);
  const choose = byCart(instances);
  const keys = Array.from({ length: 200 }, (_, key) => cart(key));
  const before = keys.map((key) => choose(key, []));
  for (let turn = 0; turn < 100; turn++) choose(cart("hot"), [])!.begin();
  const full = instances.filter(({ inFlight }) => inFlight >= 12);
  for (const [index, key] of keys.entries())
    if (!full.includes(before[index] as TestInstance)) assert.equal(choose(key, []), before[index]);
});

test("one that has room again gets its keys back", () => {
  const instances = alike(5);
  const choose = byCart(instances);
  const own = choose(cart("k"), []) as TestInstance;
  own.inFlight = 50;
  assert.notEqual(choose(cart("k"), []), own);
  own.inFlight = 0;
  for (let turn = 0; turn < 5; turn++) choose(cart("k"), []);
  assert.equal(choose(cart("k"), []), own);
});

test("where all but those tried are full, one of these is better than nobody", () => {
  const instances = alike(3);
  for (const instance of instances) instance.inFlight = 100;
  const [first] = instances;
  first!.inFlight = 0;
  assert.ok(byCart(instances)(cart("k"), [first!]));
});

const keyless: { name: string; of: "client" | "principal" | { header: string } | { cookie: string }; with?: object }[] =
  [
    { name: "no such header", of: { header: "x-cart" } },
    { name: "an empty header", of: { header: "x-cart" }, with: { "x-cart": "" } },
    { name: "no such cookie", of: { cookie: "cart" }, with: { cookie: "other=1" } },
    { name: "an empty cookie", of: { cookie: "cart" }, with: { cookie: "cart=" } },
    { name: "nobody who proved anything", of: "principal" },
    { name: "no client", of: "client" },
  ];
for (const { name, of, with: headers = {} } of keyless)
  test(`with ${name}, whoever has least to do is chosen`, () => {
    const instances = alike(3);
    instances[1]!.inFlight = 1;
    const choose = consistentHash({ of, maxLoad: 1.25 }, { random: drawing(6).next })(instances);
    const exchange = asking({ ...headers });
    assert.deepEqual(
      spread(
        choose,
        instances,
        Array.from({ length: 100 }, () => exchange),
      ),
      [50, 0, 50],
    );
  });
