import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError, problems } from "./errors.ts";

test("a gateway error takes its status from the table", () => {
  const error = new GatewayError("route.method", { detail: "only GET", headers: { allow: "GET" } });
  assert.equal(error.status, 405);
  assert.equal(error.headers["allow"], "GET");
  assert.equal(error.message, "route.method: only GET");
});

test("the cause stays with the error and out of its message", () => {
  const cause = new Error("connect ECONNREFUSED 10.0.0.7:80");
  const error = new GatewayError("upstream.refused", { cause });
  assert.equal(error.cause, cause);
  assert.doesNotMatch(error.message, /10\.0\.0\.7/);
});

test("every code is dotted, lower case, and an error status", () => {
  for (const [code, { status, title }] of Object.entries(problems)) {
    assert.match(code, /^[a-z]+\.[a-z-]+$/);
    assert.ok(status >= 400 && status < 600, code);
    assert.ok(title.length > 10, code);
  }
});

test("the table is in order", () => {
  const codes = Object.keys(problems);
  assert.deepEqual(codes, codes.toSorted());
});
