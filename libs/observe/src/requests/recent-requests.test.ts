import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccessLine } from "../access-log/access-line.ts";
import { answeredRecord, deniedRecord, traceId } from "../testing.ts";
import { createRecentRequests, type LineObject } from "./recent-requests.ts";

const lineOf = createAccessLine({ tier: "routing", service: "routing-gateway", instance: "one" });

const recent = createRecentRequests({ keep: 10 });
const principal = { subject: "ann", scopes: [], roles: [], method: "jwt" } as const;
recent.add(lineOf(answeredRecord({ id: "first" })));
recent.add(lineOf(deniedRecord({ id: "second", flags: ["denied"] })));
recent.add(lineOf(answeredRecord({ id: "third", route: "items", principal })));
const other = answeredRecord({ id: "fourth", status: 0, ending: "client-left" });
other.trace = { ...other.trace!, traceId: "1".repeat(32) };
recent.add(lineOf(other));

const idsOf = (lines: readonly LineObject[]) => lines.map((line) => line["http.request.id"]);

test("the latest come first, as many as are asked for", () => {
  assert.deepEqual(idsOf(recent.latest(10)), ["fourth", "third", "second", "first"]);
  assert.deepEqual(idsOf(recent.latest(2)), ["fourth", "third"]);
});

const filters = [
  { filter: { route: "items" }, expected: ["third"] },
  { filter: { statusClass: 4 }, expected: ["second"] },
  { filter: { statusClass: 2 }, expected: ["third", "first"] },
  { filter: { principal: "ann" }, expected: ["third"] },
  { filter: { principal: "demo", route: "orders-read" }, expected: ["fourth", "second", "first"] },
  { filter: { flag: "denied" }, expected: ["second"] },
  { filter: { route: "nowhere" }, expected: [] },
];
for (const { filter, expected } of filters)
  test(`${JSON.stringify(filter)} is ${expected.join(", ") || "nothing"}`, () =>
    assert.deepEqual(idsOf(recent.latest(10, filter)), expected));

test("a request is found by its id, and all of a trace by that of the trace", () => {
  assert.deepEqual(idsOf(recent.get("second")), ["second"]);
  assert.deepEqual(idsOf(recent.get(traceId)), ["third", "second", "first"]);
  for (const unknown of ["", "GET", "orders-read", "/orders/7"]) assert.deepEqual(recent.get(unknown), []);
});

test("lines that are too long together push the oldest out", () => {
  const line = lineOf(answeredRecord());
  const few = createRecentRequests({ keep: 100, most: line.length * 3 + 10 });
  for (let round = 0; round < 10; round++) few.add(line);
  assert.equal(few.latest(100).length, 3);
});

test("after its age a line is forgotten", () => {
  let now = 0;
  const aging = createRecentRequests({ keep: 5, age: 100, now: () => now });
  aging.add(lineOf(answeredRecord()));
  now = 101;
  assert.deepEqual(aging.latest(5), []);
});
