import assert from "node:assert/strict";
import { test } from "node:test";
import { isBrokenConnection, isOurMistake, outcomeOf, problemOf } from "./failure.ts";
import { tierCodes, upstreamCodes } from "./hop.ts";

const failed = (code: string): Error => Object.assign(new Error(`10.0.0.7: ${code}`), { code });

const cases: { code: string; sent: boolean; problem: string; status: number }[] = [
  { code: "ECONNREFUSED", sent: false, problem: "upstream.refused", status: 502 },
  { code: "ENOTFOUND", sent: false, problem: "upstream.refused", status: 502 },
  { code: "EHOSTUNREACH", sent: false, problem: "upstream.refused", status: 502 },
  { code: "ERR_TLS_CERT_ALTNAME_INVALID", sent: false, problem: "upstream.refused", status: 502 },
  { code: "UND_ERR_DESTROYED", sent: false, problem: "upstream.refused", status: 502 },
  { code: "UND_ERR_CONNECT_TIMEOUT", sent: false, problem: "upstream.timeout", status: 504 },
  { code: "ETIMEDOUT", sent: true, problem: "upstream.timeout", status: 504 },
  { code: "UND_ERR_BODY_TIMEOUT", sent: true, problem: "upstream.timeout", status: 504 },
  { code: "UND_ERR_SOCKET", sent: true, problem: "upstream.failed", status: 502 },
  { code: "HPE_INVALID_CONSTANT", sent: true, problem: "upstream.failed", status: 502 },
];

for (const { code, sent, problem, status } of cases)
  test(`${code} ${sent ? "after" : "before"} the request was written is ${problem}`, () => {
    const error = failed(code);
    const told = problemOf(outcomeOf(error, sent), upstreamCodes, error);
    assert.equal(told.code, problem);
    assert.equal(told.status, status);
    assert.equal(told.cause, error);
    assert.doesNotMatch(told.message, /10\.0\.0\.7/);
  });

test("toward the routing tier the same failures have its name", () => {
  const codes = (["refused", "timeout", "reset"] as const).map((outcome) => problemOf(outcome, tierCodes, null).code);
  assert.deepEqual(codes, ["tier.refused", "tier.timeout", "tier.failed"]);
});

test("only a closed connection is a broken one", () => {
  assert.ok(isBrokenConnection(failed("UND_ERR_SOCKET")));
  assert.ok(!isBrokenConnection(failed("HPE_INVALID_CONSTANT")));
  assert.ok(!isBrokenConnection(new Error("no code")));
});

test("a request that cannot be written is our own mistake", () => {
  assert.ok(isOurMistake(failed("UND_ERR_INVALID_ARG")));
  assert.ok(!isOurMistake(failed("UND_ERR_SOCKET")));
});
