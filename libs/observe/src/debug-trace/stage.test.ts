import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import { exchangeOf } from "@tandem/kernel/testing";
import { debugTrace } from "./stage.ts";

const holder: Principal = { subject: "ann", scopes: ["traces:debug", "x"], roles: ["operator"], method: "jwt" };
const asking = ["Tandem-Debug", "trace"];
const scopes = ["traces:debug"];
const roles = ["operator", "admin"];

const cases = [
  { name: "a principal with the scope", debug: { scopes }, raised: true },
  { name: "a principal with one of the roles", debug: { roles }, raised: true },
  { name: "a principal with scope and role", debug: { scopes, roles }, raised: true },
  { name: "one that lacks a scope", debug: { scopes: [...scopes, "y"] }, raised: false },
  { name: "one that has the scope and lacks the role", debug: { scopes, roles: ["admin"] }, raised: false },
  { name: "nobody in particular", debug: { scopes }, principal: anonymous, raised: false },
  { name: "one that asks for something else", debug: { scopes }, headers: ["tandem-debug", "1"], raised: false },
  { name: "one that says two things", debug: { scopes }, headers: ["tandem-debug", "1", ...asking], raised: false },
  { name: "one that does not ask", debug: { scopes }, headers: [], raised: false },
];
for (const { name, debug, principal = holder, headers = asking, raised } of cases)
  test(`${name} is ${raised ? "" : "not "}traced`, () => {
    const { exchange } = exchangeOf({ rawHeaders: headers });
    exchange.principal = principal;
    const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16), random: true, sampled: false };
    exchange.record.trace = trace;
    void debugTrace(debug).run(exchange);
    assert.deepEqual(exchange.record.trace, raised ? { ...trace, sampled: true, decided: true } : trace);
  });

test("a debugger overrules a trusted caller", () => {
  const { exchange } = exchangeOf({ rawHeaders: asking });
  exchange.principal = holder;
  exchange.record.trace = { traceId: "1", spanId: "2", random: true, sampled: false, decided: true };
  void debugTrace({ scopes }).run(exchange);
  assert.equal(exchange.record.trace.sampled, true);
});

test("without a section it is left out", () => assert.equal(debugTrace(undefined).idle, true));

test("an explanation says who may, and not what is needed", () => {
  const { exchange } = exchangeOf();
  assert.deepEqual(debugTrace({ scopes }).explain?.(exchange), { may: false });
});
