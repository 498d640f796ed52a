import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccessLine } from "../access-log/access-line.ts";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { known, RequestStore, statusOf } from "./request-store.ts";

const at = (tier: string) => createAccessLine({ tier, service: `${tier}-gateway`, instance: "one" });
const [security, routing] = [at("security"), at("routing")];
const answerOf = (...lines: string[]) => ({ requests: lines.map((line) => JSON.parse(line)) });
const [front, back] = [{}, {}];

test("what two tiers wrote of one request is one request, the tier in front first", () => {
  const store = new RequestStore();
  assert.ok(store.add(answerOf(routing(deniedRecord())), back));
  assert.ok(store.add(answerOf(security(answeredRecord({ status: 403, route: undefined }))), front));
  const [request, ...others] = store.find("", "");
  assert.ok(request && others.length === 0);
  assert.deepEqual(
    request.lines.map(({ tier, ms }) => [tier, ms]),
    [
      ["security", 12.5],
      ["routing", 2],
    ],
  );
  assert.deepEqual(
    [statusOf(request), known(request, "route"), known(request, "caller")],
    [403, "orders-read", "demo"],
  );
});

test("a plane is asked for all it keeps, and after that for what is new", () => {
  const store = new RequestStore();
  assert.equal(store.questionTo(front), "/requests?limit=1000");
  store.add(answerOf(security(answeredRecord({ id: "newer" })), security(answeredRecord({ id: "older" }))), front);
  assert.equal(store.questionTo(front), "/requests?limit=1000&after=newer");
  assert.equal(store.questionTo(back), "/requests?limit=1000");
  assert.equal(store.add(answerOf(), front), false);
  assert.equal(store.questionTo(front), "/requests?limit=1000&after=newer");
  assert.equal(store.add(answerOf(security(answeredRecord({ id: "newer" }))), front), false);
});

test("requests are found by what a person knows of them, and by how they ended", () => {
  const store = new RequestStore();
  store.add(
    answerOf(
      routing(answeredRecord({ id: "one", path: "/orders/7" })),
      routing(deniedRecord({ id: "two", path: "/orders/8", flags: ["denied"] })),
      routing(answeredRecord({ id: "three", status: 502, route: "echo" })),
      routing(answeredRecord({ id: "four", status: 0, ending: "client-left", clientAddress: "192.0.2.77" })),
    ),
    back,
  );
  const found = (text: string, outcome = "") =>
    store
      .find(text, outcome)
      .map(({ id }) => id)
      .toSorted();
  assert.deepEqual(found("GET /orders/8"), ["two"]);
  assert.deepEqual(found(" DENIED "), ["two"]);
  assert.deepEqual(found("echo"), ["three"]);
  assert.deepEqual(found("192.0.2.77"), ["four"]);
  assert.deepEqual(found("three"), ["three"]);
  assert.deepEqual([found("", "2"), found("", "4"), found("", "5")], [["one"], ["two"], ["four", "three"]]);
  assert.deepEqual(found("", "4").length, 1);
});

test("a thousand are kept, the latest", () => {
  const store = new RequestStore();
  const lines = Array.from({ length: 1500 }, (_, index) =>
    routing(Object.assign(answeredRecord({ id: `request${index}` }), { startedAt: 1_800_000_000_000 + index })),
  );
  store.add(answerOf(...lines), back);
  const kept = store.find("", "");
  assert.deepEqual([kept.length, kept[0]?.id, kept.at(-1)?.id], [1000, "request1499", "request500"]);
  assert.equal(store.get("request1"), undefined);
});

test("what is no line of ours is passed over", () => {
  const store = new RequestStore();
  for (const answer of [undefined, null, [], { requests: 7 }, { requests: [null, 1, {}, { "http.request.id": "x" }] }])
    assert.equal(store.add(answer, front), false);
});
