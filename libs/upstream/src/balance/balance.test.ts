// One contract for every balancer, and for sessions over each.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "@tandem/kernel/exchange";
import { costOf } from "@tandem/platform/cost-of.testing";
import { drawing } from "@tandem/platform/drawing.testing";
import type { Instance } from "../pool/instance.ts";
import { TestInstance } from "../pool/testing.ts";
import type { Balance } from "./balance.ts";
import { balanceOf, balances, type BalanceOptions } from "./config.ts";
import { alike, asking, chiSquare, critical, instancesOf, spread } from "./testing.ts";

interface Variant {
  readonly name: string;
  readonly balance: BalanceOptions["balance"];
  /** The request of one of many clients. */
  readonly asks: (client: number) => Exchange;
}

const byAddress = (client: number): Exchange => {
  const exchange = asking();
  exchange.request.clientAddress = `10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`;
  return exchange;
};
const byPrincipal = (client: number): Exchange => {
  const exchange = asking();
  exchange.principal = { ...exchange.principal, method: "jwt", subject: `user-${client}`, client: `app-${client}` };
  return exchange;
};
const hash = (of: Extract<BalanceOptions["balance"], object>["of"]) => ({ by: "hash", of, maxLoad: 1.25 }) as const;

const plain: Variant[] = [
  ...Object.keys(balances).map((name) => ({ name, balance: name as keyof typeof balances, asks: () => asking() })),
  { name: "hash of the address", balance: hash("address"), asks: byAddress },
  { name: "hash of the principal", balance: hash("principal"), asks: byPrincipal },
  { name: "hash of the client", balance: hash("client"), asks: byPrincipal },
  { name: "hash of a header", balance: hash({ header: "x-cart" }), asks: (it) => asking({ "x-cart": `${it}` }) },
  { name: "hash of a cookie", balance: hash({ cookie: "cart" }), asks: (it) => asking({ cookie: `cart=${it}` }) },
  { name: "hash without a key", balance: hash("client"), asks: () => asking() },
];

const withSessions = (name: string, sticky: BalanceOptions["sticky"]) =>
  plain.map(({ balance, asks, ...of }) => ({
    name: of.name + name,
    asks,
    make: (): Balance => balanceOf({ balance, sticky }, { service: "orders", random: drawing(7).next }).balance,
  }));

for (const { name, make, asks } of [
  ...withSessions("", undefined),
  ...withSessions(" with sessions", { cookie: "s" }),
]) {
  const clients = Array.from({ length: 6_000 }, (_, client) => asks(client));

  test(`${name}: the only instance gets everything`, () => {
    const [only] = alike(1);
    const choose = make()([only!]);
    for (const exchange of clients.slice(0, 10)) assert.equal(choose(exchange, []), only);
    assert.equal(choose(clients[0]!, [only!]), undefined);
  });

  for (const weights of [
    [1, 1],
    [1, 3, 2],
    [0.1, 1, 1, 0.35],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  ])
    test(`${name}: each of the weights ${weights.join(" ")} takes part as it says`, () => {
      const instances = instancesOf(...weights);
      const counts = spread(make()(instances), instances, clients);
      assert.ok(chiSquare(counts, weights) < critical[weights.length - 1]!, counts.join(" "));
    });

  test(`${name}: weights that have changed count from then on`, () => {
    const instances = instancesOf(1, 1, 1);
    const balance = make();
    spread(balance(instances), instances, clients);
    instances[0]!.weight = 4;
    const counts = spread(balance(instances), instances, clients);
    assert.ok(chiSquare(counts, [4, 1, 1]) < critical[2]!, counts.join(" "));
  });

  test(`${name}: when one leaves, those that stay take its share by their weights`, () => {
    const instances = instancesOf(2, 1, 1, 1);
    const balance = make();
    spread(balance(instances), instances, clients);
    const left = instances.slice(0, 3);
    const counts = spread(balance(left), left, clients);
    assert.equal(counts.length, 3, "nobody else was chosen");
    assert.ok(chiSquare(counts, [2, 1, 1]) < critical[2]!, counts.join(" "));
  });

  for (const count of [2, 3, 40])
    test(`${name}: of ${count}, nobody is chosen twice for one request, and at last nobody`, () => {
      const instances = alike(count);
      instances[0]!.weight = 1_000;
      const choose = make()(instances);
      const tried: Instance[] = [];
      for (let next = choose(clients[0]!, tried); next; next = choose(clients[0]!, tried)) tried.push(next);
      assert.equal(tried.length, count);
      assert.deepEqual(new Set(tried), new Set(instances));
    });

  test(`${name}: another try leaves the others their share`, () => {
    const instances = alike(5);
    const choose = make()(instances);
    const again = (exchange: Exchange): Instance | undefined => choose(exchange, instances.slice(0, 1));
    const counts = spread(Object.assign(again, choose), instances.slice(1), clients);
    assert.equal(counts.length, 4);
    assert.ok(Math.min(...counts) > 500, counts.join(" "));
  });

  test(`${name}: two lists do not share their state`, () => {
    const balance = make();
    const [first, second] = [balance(alike(2)), balance([new TestInstance("c")])];
    first(clients[0]!, []);
    assert.equal(second(clients[0]!, [])?.id, "c");
    assert.match(first(clients[0]!, [])!.id, /^10/);
  });

  test(`${name}: the list it was given stays as it was`, () => {
    const instances = [new TestInstance("b"), new TestInstance("a")];
    spread(make()(Object.freeze(instances)), instances, clients.slice(0, 100));
    assert.deepEqual(
      instances.map(({ id, weight, inFlight }) => [id, weight, inFlight]),
      [
        ["b", 1, 0],
        ["a", 1, 0],
      ],
    );
  });

  test(`${name}: a choice from a thousand costs about as much as one from two`, (t) => {
    const costs = [2, 100, 1_000].map((count) => choiceCost(make()(alike(count)), clients));
    t.diagnostic(`µs a choice at 2, 100 and 1 000 instances: ${costs.map((cost) => cost.toFixed(2)).join(", ")}`);
    assert.ok(costs[2]! < 50 * costs[0]!, "a look at all of them would cost five hundred times as much");
  });
}

/** Microseconds a choice: the least of many short stretches, because others use the machine. */
function choiceCost(choose: ReturnType<Balance>, exchanges: readonly Exchange[]): number {
  const stretch = 500;
  let place = 0;
  const run = (): void => {
    for (let turn = 0; turn < stretch; turn++) choose(exchanges[place++ % exchanges.length]!, []);
  };
  return (costOf(run, { times: 100 }) * 1_000) / stretch;
}
