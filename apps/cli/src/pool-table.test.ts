import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceView, PoolView } from "@tandem/upstream/pool/pool-view";
import { poolTable } from "./pool-table.ts";

const well: InstanceView = {
  id: "orders-1",
  origin: "http://10.0.0.1:80",
  state: "healthy",
  weight: 1,
  fullWeight: 1,
  inFlight: 2,
  latencyMs: 3.4,
  failed: 0,
  failures: [],
};
const ejected: InstanceView = {
  ...well,
  id: "orders-2",
  zone: "b",
  state: "ejected",
  latencyMs: 0,
  failed: 9,
  failures: [{ kind: "reset", ageMs: 2_100 }],
  outlier: { consecutive: 5, ejections: 1, heldAgainst: 0, endsInMs: 27_900 },
};
const orders: PoolView = {
  name: "orders",
  table: { reason: "normal", ageMs: 100, panics: 0 },
  inFlight: 2,
  instances: [well, ejected],
  unlisted: 0,
  leaving: 0,
  discovery: { service: "orders", source: "consul", endpoints: [], index: 12, ageMs: 1_500 },
};

test("a pool is a line, and a line for each instance with what speaks against it", () => {
  assert.equal(
    poolTable([orders]),
    [
      "orders: 2 instances, 2 in flight, from Consul, asked 2 s ago",
      "  INSTANCE      STATE    SHARE  IN FLIGHT  LATENCY  FAILED  EVIDENCE",
      "  orders-1      healthy  1      2          3.4 ms   0",
      "  orders-2 (b)  ejected  1      2          -        9       reset 2 s ago; 5 failures in a row; tried again in 28 s",
      "",
    ].join("\n"),
  );
});

const heads: { name: string; pool: Partial<PoolView>; head: string }[] = [
  {
    name: "an empty one",
    pool: { instances: [], inFlight: 0, discovery: { service: "orders", source: "static", endpoints: [] } },
    head: "orders: 0 instances, 0 in flight, from the configuration",
  },
  {
    name: "one in a panic, at its limit",
    pool: { table: { reason: "panic", ageMs: 1, panics: 3 }, limit: 2, leaving: 1 },
    head: "orders: 2 instances, nobody is healthy: requests go to everybody, 2 in flight of 2, 1 leaving, in a panic 3 times, from Consul, asked 2 s ago",
  },
  {
    name: "one that lives on what it remembers",
    pool: {
      discovery: {
        service: "orders",
        source: "dns",
        endpoints: [],
        remembered: { ageMs: 7_200_000 },
        degraded: "no answer",
      },
    },
    head: "orders: 2 instances, 2 in flight, from DNS, as written to disk 2 h ago, DEGRADED: no answer",
  },
];
for (const { name, pool, head } of heads)
  test(`the first line tells ${name}`, () => {
    assert.equal(poolTable([{ ...orders, ...pool }]).split("\n")[0], head);
  });

test("what warms up shows its share, a probe and a breaker what they found", () => {
  const text = poolTable([
    {
      ...orders,
      instances: [
        { ...well, state: "warming", weight: 0.5 },
        { ...well, state: "failing", probe: { state: "failing", good: 0, bad: 3, found: "503", ageMs: 400 } },
        { ...well, state: "breaker-open", breaker: { state: "open", opened: 1, ended: 20, failed: 20, endsInMs: 900 } },
      ],
      unlisted: 7,
    },
  ]);
  assert.match(text, /0\.5 of 1/);
  assert.match(text, /probe: 503 400 ms ago/);
  assert.match(text, /rests for 900 ms/);
  assert.match(text, /10 instances[\s\S]*and 7 more/);
});
