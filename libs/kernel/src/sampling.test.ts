import assert from "node:assert/strict";
import { test } from "node:test";
import { decideSampling, followSampling } from "./sampling.ts";
import { exchangeOf } from "./testing.ts";

const ids = { traceId: "1".repeat(32), spanId: "2".repeat(16), random: true };
const line = (flags: string, traceId = ids.traceId) => `00-${traceId}-${"3".repeat(16)}-${flags}`;

function underway(trace: { sampled: boolean; decided?: true }) {
  const { exchange } = exchangeOf();
  exchange.record.trace = { ...ids, ...trace };
  exchange.reply.add("traceresponse", "as it was");
  return exchange;
}

test("a changed decision is in the record and in the answer, under the same ids", () => {
  const exchange = underway({ sampled: false });
  decideSampling(exchange, true);
  assert.deepEqual(exchange.record.trace, { ...ids, sampled: true });
  assert.deepEqual(exchange.reply.added, ["traceresponse", `00-${ids.traceId}-${ids.spanId}-03`]);
});

test("a decision that is no other leaves everything as it is", () => {
  const exchange = underway({ sampled: true });
  const before = exchange.record.trace;
  decideSampling(exchange, true);
  assert.equal(exchange.record.trace, before);
  assert.deepEqual(exchange.reply.added, ["traceresponse", "as it was"]);
});

test("what a trusted caller decided is overruled by a debugger alone", () => {
  const exchange = underway({ sampled: false, decided: true });
  decideSampling(exchange, true);
  assert.equal(exchange.record.trace?.sampled, false);
  decideSampling(exchange, true, { decided: true });
  assert.equal(exchange.record.trace?.sampled, true);
});

test("a debugger's decision stays, also where it was the same before", () => {
  const exchange = underway({ sampled: true });
  decideSampling(exchange, true, { decided: true });
  decideSampling(exchange, false);
  assert.deepEqual(exchange.record.trace, { ...ids, sampled: true, decided: true });
});

test("a request without a trace has nothing to decide", () => {
  const { exchange } = exchangeOf();
  decideSampling(exchange, true);
  assert.equal(exchange.record.trace, undefined);
});

const told = [
  { name: "the next tier samples", value: line("03"), before: false, after: true },
  { name: "the next tier does not", value: line("02"), before: true, after: false },
  { name: "the next tier says nothing", value: undefined, before: true, after: true },
  { name: "it speaks of another trace", value: line("03", "4".repeat(32)), before: false, after: false },
  { name: "it says it twice", value: [line("03"), line("03")], before: false, after: false },
  { name: "it speaks nonsense", value: "03", before: false, after: false },
  { name: "there is more than there should be", value: `${line("03")}-x`, before: false, after: false },
] as const;
for (const { name, value, before, after } of told)
  test(`${name}: sampled ${before} becomes ${after}`, () => {
    const exchange = underway({ sampled: before });
    followSampling(exchange, value);
    assert.equal(exchange.record.trace?.sampled, after);
  });
