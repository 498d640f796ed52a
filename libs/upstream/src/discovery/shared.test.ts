import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { scripted } from "./scripted.testing.ts";
import { shared } from "./shared.ts";

const list = (...ids: string[]): Endpoint[] => ids.map((id) => ({ id, origin: `http://${id}:80`, weight: 1 }));

test("two watches of one service are one question", () => {
  const { discovery, state, tell } = scripted();
  const told: string[] = [];
  const common = shared(discovery);
  const first = common.watch("orders", (all) => told.push(`first ${all.length}`));
  const second = common.watch("orders", (all) => told.push(`second ${all.length}`));
  tell(list("a"));
  assert.deepEqual(told, ["first 1", "second 1"]);
  first.close();
  first.close();
  assert.equal(state.closed, 0);
  tell(list("a", "b"));
  assert.deepEqual(told.slice(2), ["second 2"]);
  second.close();
  assert.deepEqual(state, { silentMs: undefined, opened: 1, closed: 1 });
});

test("one that comes late is told what is known, once, and after watch has returned", async () => {
  const { discovery, tell } = scripted();
  const common = shared(discovery);
  common.watch("orders", () => {});
  tell(list("a"));
  const told: number[] = [];
  common.watch("orders", (all) => told.push(all.length));
  assert.deepEqual(told, []);
  tell(list("a", "b"));
  await turn();
  assert.deepEqual(told, [2]);
});

test("one that leaves before it was told is not told", async () => {
  const { discovery, tell } = scripted();
  const common = shared(discovery);
  common.watch("orders", () => {});
  tell(list("a"));
  let told = 0;
  common.watch("orders", () => told++).close();
  await turn();
  assert.equal(told, 0);
});

test("after the last has left, the next one asks anew", () => {
  const { discovery, state } = scripted();
  const common = shared(discovery);
  common.watch("orders", () => {}).close();
  common.watch("orders", () => {});
  assert.equal(state.opened, 2);
});
