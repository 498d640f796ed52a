import assert from "node:assert/strict";
import { test } from "node:test";
import { UnderWay } from "./under-way.ts";

const world = () => new UnderWay({ waiting: 2, patience: 20 });

test("one end wakes the first in line, in order", async () => {
  const ways = world();
  const woken: number[] = [];
  ways.begin("k");
  const first = ways.oneEnd("k").then(() => (woken.push(1), ways.begin("k")));
  const second = ways.oneEnd("k").then(() => woken.push(2));
  ways.end("k", { all: false });
  await first;
  assert.deepEqual(woken, [1]);
  ways.end("k", { all: false });
  await second;
  assert.deepEqual([woken, ways.count("k")], [[1, 2], 0]);
});

test("the end of all hope wakes everybody", async () => {
  const ways = world();
  ways.begin("k");
  const both = Promise.all([ways.oneEnd("k"), ways.oneEnd("k")]);
  ways.end("k", { all: true });
  await both;
});

test("one key does not wait for another, nor for nothing", async () => {
  const ways = world();
  ways.begin("k");
  await ways.oneEnd("other");
  assert.deepEqual([ways.count("k"), ways.count("other")], [1, 0]);
});

test("a line that is full takes nobody more, and nobody waits for ever", async () => {
  const ways = world();
  ways.begin("k");
  const waiting = [ways.oneEnd("k"), ways.oneEnd("k")];
  await assert.rejects(ways.oneEnd("k"), /too many/);
  for (const { status } of await Promise.allSettled(waiting)) assert.equal(status, "rejected");
  ways.end("k", { all: false });
  assert.equal(ways.count("k"), 0);
});
