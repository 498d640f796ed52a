import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import type { Stage } from "../stage.ts";
import { exchangeOf } from "../testing.ts";
import { dryRun } from "./dry-run.ts";

const request = () => exchangeOf({ path: "/orders" }).exchange.request;
const passing: Stage = { name: "passing", run: () => {} };
const never: Stage = { name: "never", run: () => assert.fail("the way ended before") };

test("the stages run up to the one that would act, and each says what its decision rests on", async () => {
  const stages: Stage[] = [
    { name: "who", run: (exchange) => void (exchange.principal = { ...exchange.principal, subject: "demo" }) },
    { name: "idle", idle: true, run: () => assert.fail("idle stages are left out") },
    { ...passing, explain: ({ principal }) => ({ saw: principal.subject }) },
    { name: "send", run: (exchange) => exchange.act("send to orders", () => assert.fail("acted")) },
    never,
  ];
  const { principal, steps, end, request: asked } = await dryRun(stages, request());
  assert.equal(principal.subject, "demo");
  assert.equal(asked.path, "/orders");
  assert.deepEqual(steps, [{ stage: "who" }, { stage: "passing", evidence: { saw: "demo" } }, { stage: "send" }]);
  assert.deepEqual(end, { kind: "acts", stage: "send", plan: "send to orders" });
});

test("a refusal is told as the client would get it, with the evidence of the stage that refused", async () => {
  const refusing: Stage = {
    name: "refusing",
    run() {
      throw new GatewayError("access.denied", { detail: "orders:read is missing", cause: new Error("private") });
    },
    explain: () => "near misses",
  };
  const { steps, end } = await dryRun([passing, refusing, never], request());
  assert.deepEqual(steps.at(-1), { stage: "refusing", evidence: "near misses" });
  assert.deepEqual(end, {
    kind: "problem",
    stage: "refusing",
    code: "access.denied",
    status: 403,
    title: end.kind === "problem" ? end.title : "",
    detail: "orders:read is missing",
  });
  assert.doesNotMatch(JSON.stringify(end), /private/);
});

for (const { name, stages } of [
  { name: "a stage that breaks", stages: [{ name: "broken", run: () => Promise.reject(new Error("a bug")) }] },
  { name: "a way without an end", stages: [passing] },
])
  test(`${name} is the internal error that the client would get`, async () => {
    const { end } = await dryRun(stages, request());
    assert.equal(end.kind === "problem" && end.code, "server.error");
  });
