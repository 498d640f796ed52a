// What an exchange costs its pool, printed; how long it takes is the machine's business, what it leaves behind is ours.
import assert from "node:assert/strict";
import { test } from "node:test";
import { grownBy } from "@tandem/platform/grown-by.testing";
import { exchangeOf } from "@tandem/kernel/testing";
import { Agent } from "undici";
import { breakerSchema } from "../breaker/config.ts";
import { healthSchema } from "../health/config.ts";
import { PooledInstance } from "./pooled-instance.ts";
import { rulesOf } from "./rules.ts";
import { attemptNote, unjudged } from "./testing.ts";
import { bench, endpoint } from "./bench.testing.ts";

const times = 20_000;

/** Room for a few numbers on their way from one function to another, and for no object. */
const most = 64;

for (const [name, rules] of [
  ["mild ejection", rulesOf({ health: healthSchema.parse({}) })],
  [
    "ejection by ratio and a breaker",
    rulesOf({ health: healthSchema.parse({ outlier: { ratio: { share: 0.5 } } }), breaker: breakerSchema.parse({}) }),
  ],
] as const)
  test(`with ${name}, to begin and to end an exchange makes no object`, (t) => {
    const instance = new PooledInstance(endpoint("a"), new Agent(), { ...unjudged(), rules });
    const note = attemptNote({ startedAt: 1.5, firstByteAt: 3.25, endedAt: 4.5, status: 200 });
    const run = (): void => {
      for (let turn = 0; turn < times; turn++) {
        instance.begin();
        instance.end(note);
      }
    };
    run();
    const start = performance.now();
    run();
    t.diagnostic(`${(((performance.now() - start) / times) * 1e6).toFixed(0)} ns`);
    // So few that the collector does not come between, and again until the compiler is done with it.
    let grown = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 50 && grown >= most; round++) grown = grownBy(run) / times;
    assert.ok(grown < most, `${grown} bytes each`);
  });

for (const count of [2, 1_000])
  test(`one of ${count} is picked each time`, (t) => {
    const { pool, tell } = bench(t);
    tell(...Array.from({ length: count }, (_, index) => endpoint(`i${index}`)));
    const { exchange } = exchangeOf();
    const run = (): void => {
      for (let turn = 0; turn < times; turn++) assert.ok(typeof pool.pick(exchange, []) === "object");
    };
    run();
    const start = performance.now();
    run();
    t.diagnostic(`${(((performance.now() - start) / times) * 1e6).toFixed(0)} ns`);
  });
