import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReport } from "./wrk.ts";

const report = `Running 2s test @ https://127.0.0.1:18443/orders
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.69ms    1.02ms  17.20ms   93.99%
    Req/Sec    12.00k     0.50k   13.01k    74.50%
  Latency Distribution
     50%    2.51ms
     75%    3.00ms
     99%  950.00us
  24012 requests in 2.00s, 28.00MB read
Requests/sec:  12004.11
`;

test("a report gives requests, rate and latencies in milliseconds", () => {
  assert.deepEqual(parseReport(report), { requests: 24012, failed: 0, perSecond: 12004.11, p50: 2.51, p99: 0.95 });
});

test("socket errors and refusals are failures", () => {
  const troubled = `${report}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n`;
  assert.equal(parseReport(troubled).failed, 15);
});

test("no report is an error, not a zero", () => {
  assert.throws(() => parseReport("unable to connect"), /wrk gave no report/);
});
