import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { drawing } from "@tandem/platform/drawing.testing";
import type { BalanceOptions } from "./config.ts";
import { balanceOf, balances } from "./config.ts";
import { alike, asking, instancesOf } from "./testing.ts";

const hash = (of: Extract<BalanceOptions["balance"], object>["of"]) => ({ by: "hash" as const, of, maxLoad: 1.25 });
const ways: { name: string; balance: BalanceOptions["balance"]; certain: boolean }[] = [
  ...Object.keys(balances).map((name) => ({
    name,
    balance: name as keyof typeof balances,
    certain: name === "round-robin",
  })),
  { name: "hash of a header", balance: hash({ header: "x-cart" }), certain: true },
  { name: "hash without a key", balance: hash("client"), certain: false },
];

for (const { name, balance, certain } of ways)
  for (const count of [1, 3, 9])
    test(`${name} over ${count}: what is foreseen is what is chosen, and to look changes nothing`, () => {
      const seed = 7;
      const weights = Array.from({ length: count }, (_, index) => 1 + (index % 3));
      const [watched, left] = [instancesOf(...weights), instancesOf(...weights)];
      const make = () =>
        balanceOf({ balance, sticky: { cookie: "s" } }, { service: "orders", random: drawing(seed).next }).balance;
      const [choose, undisturbed] = [make()(watched), make()(left)];
      const draw = drawing(3).next;
      for (let turn = 0; turn < 300; turn++) {
        const exchange = asking({ "x-cart": String(turn) });
        const { because, instances } = choose.foresee(exchange);
        choose.foresee(exchange);
        assert.ok(because.length > 0);
        const chosen = choose(exchange, [])!;
        if (certain || count <= 3) assert.deepEqual(instances, [chosen]);
        else assert.ok(instances.includes(chosen), `${chosen.id} was not foreseen`);
        assert.equal(undisturbed(exchange, [])!.id, chosen.id);
        // Some exchanges last, so that loads differ.
        for (const all of [watched, left]) {
          const busy = all.find(({ id }) => id === chosen.id)!;
          if (turn % 5 === 0) busy.begin();
          if (turn % 25 === 24) for (const one of all) one.inFlight = 0;
        }
        if (draw() > 0.9) for (const all of [watched, left]) all[0]!.latency = turn;
      }
    });

test("a key is named, and what it holds is not told", () => {
  const { balance } = balanceOf({ balance: hash({ cookie: "cart" }), sticky: undefined }, { service: "orders" });
  const choose = balance(alike(4));
  const keyed = choose.foresee(asking({ cookie: "cart=precious" }));
  assert.deepEqual([keyed.because, keyed.instances.length], ["its cookie cart leads there", 1]);
  assert.match(choose.foresee(asking()).because, /^it has no cookie cart: /);
  assert.doesNotMatch(keyed.because, /precious/);
});

test("whom a full owner's key leads to instead is told", () => {
  const instances = alike(3);
  const choose = balanceOf({ balance: hash({ header: "x-cart" }), sticky: undefined }, { service: "orders" }).balance(
    instances,
  );
  const exchange = asking({ "x-cart": "1" });
  const [owner] = choose.foresee(exchange).instances;
  const full = instances.find((one) => one === owner)!;
  full.inFlight = 50;
  const { because, instances: next } = choose.foresee(exchange);
  assert.equal(because, `its header x-cart leads to ${full.id}, which has too much in flight`);
  assert.equal(choose(exchange, []), next[0]);
});

test("a session is told by the name of its cookie", () => {
  const instances = alike(3);
  const { balance, sessions } = balanceOf({ balance: "round-robin", sticky: { cookie: "at" } }, { service: "orders" });
  const { exchange } = exchangeOf();
  const choose = balance(instances);
  sessions!.answered(exchange, instances[1]!);
  const [, cookie = ""] = exchange.reply.added;
  const told = choose.foresee(asking({ cookie: cookie.split(";")[0]! }));
  assert.deepEqual(told, { because: "its session stays there, by the cookie at", instances: [instances[1]] });
});
