import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { layStages, type Stage } from "./stage.ts";
import { exchangeOf } from "./testing.ts";

const noting = (name: string, seen: string[]): Stage => ({ name, run: () => void seen.push(name) });

test("stages that need no waiting cost no promise, and run in their order", () => {
  const seen: string[] = [];
  const { exchange } = exchangeOf();
  assert.equal(layStages([noting("a", seen), noting("b", seen), noting("c", seen)])(exchange), undefined);
  assert.deepEqual(seen, ["a", "b", "c"]);
});

test("a stage that waits is waited for, wherever it stands", async () => {
  for (const position of [0, 1, 2]) {
    const seen: string[] = [];
    const stages = [noting("a", seen), noting("b", seen)];
    const waiting: Stage = {
      name: "waiting",
      run: () => new Promise((resolve) => setTimeout(() => resolve(void seen.push("waited")), 5)),
    };
    stages.splice(position, 0, waiting);
    const pending = layStages(stages)(exchangeOf().exchange);
    assert.ok(pending instanceof Promise);
    await pending;
    assert.equal(seen[position], "waited");
    assert.equal(seen.length, 3);
  }
});

test("an idle stage is left out, and no phase of it is noted", () => {
  const seen: string[] = [];
  const { exchange } = exchangeOf();
  layStages([noting("a", seen), { ...noting("b", seen), idle: true }, noting("c", seen)])(exchange);
  assert.deepEqual(seen, ["a", "c"]);
  assert.deepEqual(exchange.record.phases, ["a", "c"]);
});

test("a stage that acts ends the way", () => {
  const seen: string[] = [];
  const { exchange } = exchangeOf({ transport: { kind: "dry" } });
  const acting: Stage = { name: "acting", run: (acted) => acted.act("answer", () => {}) };
  layStages([noting("a", seen), acting, noting("b", seen)])(exchange);
  assert.deepEqual(seen, ["a"]);
  assert.equal(exchange.planned, "answer");
});

test("a stage that acts after it has waited ends the way, too", async () => {
  const seen: string[] = [];
  const acting: Stage = { name: "acting", run: (acted) => Promise.resolve().then(() => acted.act("answer", () => {})) };
  await layStages([acting, noting("b", seen)])(exchangeOf().exchange);
  assert.deepEqual(seen, []);
});

for (const { name, run } of [
  {
    name: "thrown",
    run: () => {
      throw new GatewayError("access.denied");
    },
  },
  { name: "rejected", run: () => Promise.reject(new GatewayError("access.denied")) },
])
  test(`an error that is ${name} passes over the stages behind`, async () => {
    const seen: string[] = [];
    const laid = layStages([{ name, run }, noting("b", seen)]);
    await assert.rejects(async () => laid(exchangeOf().exchange), { code: "access.denied" });
    assert.deepEqual(seen, []);
  });

test("the record knows which stages were entered, and when", async () => {
  const { exchange } = exchangeOf();
  const waiting: Stage = { name: "waiting", run: () => new Promise((resolve) => setTimeout(resolve, 20)) };
  await layStages([noting("a", []), waiting, noting("b", [])])(exchange);
  const { phases, phaseTimes } = exchange.record;
  assert.deepEqual(phases, ["a", "waiting", "b"]);
  assert.ok(phaseTimes[2]! - phaseTimes[1]! >= 15);
});

test("acting twice is an error that names the second act", () => {
  const { exchange } = exchangeOf();
  exchange.act("first", () => {});
  assert.throws(() => exchange.act("second", () => {}), /second: .*ended already/);
});

test("a dry run notes what would have been done, and does nothing", () => {
  const { exchange, sent } = exchangeOf({ transport: { kind: "dry" } });
  exchange.act("answer", () => exchange.reply.send(200, [], ""));
  assert.deepEqual([exchange.planned, exchange.ended, sent.length], ["answer", true, 0]);
});

test("a client that left while a stage waited is not acted upon, and who asks later is told at once", () => {
  const { exchange } = exchangeOf();
  const told: string[] = [];
  exchange.onLeave(() => told.push("in time"));
  exchange.left();
  exchange.left();
  exchange.onLeave(() => told.push("too late"));
  exchange.act("late", () => assert.fail("nobody waits for it"));
  assert.deepEqual(told, ["in time", "too late"]);
  assert.equal(exchange.planned, undefined);
});

test("of several failures the first is told", () => {
  const { exchange, sent } = exchangeOf();
  exchange.fail(new GatewayError("upstream.timeout"));
  exchange.fail(new Error("and then some"));
  exchange.act("late", () => assert.fail("it was answered already"));
  assert.deepEqual(
    sent.map(({ status }) => status),
    [504],
  );
  assert.equal(exchange.record.error, "upstream.timeout");
});
