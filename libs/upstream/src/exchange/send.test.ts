import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import type { Nobody } from "../pool/pool.ts";
import { tierCodes, upstreamCodes } from "./hop.ts";
import { firstOf } from "./send.ts";
import { hopTo, poolOf } from "./testing.ts";

const problems: { why: Nobody; code: string }[] = [
  { why: "no-instance", code: "upstream.no-instance" },
  { why: "breaker-open", code: "upstream.breaker-open" },
  { why: "overloaded", code: "upstream.overloaded" },
];
for (const { why, code } of problems)
  test(`${why} is told as ${code}, and when to come back`, () => {
    const hop = { ...hopTo([]), pool: poolOf([], { pick: () => why }) };
    const { exchange } = exchangeOf();
    assert.throws(() => firstOf(exchange, hop), { code, status: 503, headers: { "retry-after": "1" } });
    assert.throws(() => firstOf(exchange, { ...hop, codes: tierCodes }), { code: "tier.unavailable", status: 503 });
    assert.equal(hop.codes, upstreamCodes);
  });

test("where all are given a rest, the client is told when the first of them is over", () => {
  const hop = {
    ...hopTo([]),
    pool: poolOf([], { pick: () => "breaker-open", restsFor: 7_200 }),
  };
  assert.throws(() => firstOf(exchangeOf().exchange, hop), { headers: { "retry-after": "8" } });
});
