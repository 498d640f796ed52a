import assert from "node:assert/strict";
import { test } from "node:test";
import { ProbeRecord } from "./probe-record.ts";

/** `.` is a good probe, `x` a bad one; two good ones end a failure, three bad ones begin it. */
const cases = [
  { begins: "believed", probes: "", state: "believed", healthy: true, edge: true },
  { begins: "believed", probes: ".", state: "passing", healthy: true, edge: false },
  { begins: "believed", probes: "xx", state: "believed", healthy: true, edge: true },
  { begins: "believed", probes: "xxx", state: "failing", healthy: false, edge: true },
  { begins: "believed", probes: ".xx", state: "passing", healthy: true, edge: true },
  { begins: "believed", probes: ".xx.xx", state: "passing", healthy: true, edge: true },
  { begins: "believed", probes: ".xxx", state: "failing", healthy: false, edge: true },
  { begins: "believed", probes: ".xxx.", state: "failing", healthy: false, edge: true },
  { begins: "believed", probes: ".xxx.x.", state: "failing", healthy: false, edge: true },
  { begins: "believed", probes: ".xxx..", state: "passing", healthy: true, edge: false },
  { begins: "unproven", probes: "", state: "unproven", healthy: false, edge: true },
  { begins: "unproven", probes: "xxxxx", state: "unproven", healthy: false, edge: true },
  { begins: "unproven", probes: "xxxxx.", state: "passing", healthy: true, edge: false },
] as const;

for (const { begins, probes, ...expected } of cases)
  test(`one that was ${begins} is ${expected.state} after ${probes || "no probe"}`, () => {
    const record = new ProbeRecord({ healthyAfter: 2, unhealthyAfter: 3 }, begins);
    for (const probe of probes) record.add({ ok: probe === ".", found: "", took: 0 }, 0);
    const { state, healthy, edge } = record;
    assert.deepEqual({ state, healthy, edge }, expected);
  });
