import nodeAssert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import { dryRun } from "@tandem/kernel/explain/dry-run";
import { exchangeOf } from "@tandem/kernel/testing";
import { acceptAssertion, assert } from "./stage.ts";
import { createAssertionKey, signingKeysOf } from "./testing.ts";

const keys = signingKeysOf(createAssertionKey("k1"));
const accept = acceptAssertion({ keys });
const principal: Principal = { subject: "me", scopes: ["a"], roles: [], method: "jwt" };
const client = { clientAddress: "203.0.113.7", scheme: "https", tls: "TLSv1.3" } as const;

test("nobody vouches for a dry run unless whoever asks for it says for whom", async () => {
  const { end } = await dryRun([accept], exchangeOf().exchange.request);
  nodeAssert.equal(end.kind === "problem" && end.code, "assertion.missing");
  const { request } = exchangeOf().exchange;
  const told = await dryRun([accept], request, { vouched: { principal, ...client } });
  nodeAssert.deepEqual(
    [told.principal, told.request.clientAddress, told.request.scheme],
    [principal, "203.0.113.7", "https"],
  );
  nodeAssert.deepEqual(request.client, { tls: "TLSv1.3" });
});

test("who has proved nothing has no rights in a dry run either", async () => {
  const vouched = { principal: { ...principal, method: "none" as const }, ...client };
  nodeAssert.equal((await dryRun([accept], exchangeOf().exchange.request, { vouched })).principal, anonymous);
});

test("the assertion of a dry run leaves it nowhere, and one that could not be made is told", async () => {
  const runFor = (given: Principal) =>
    dryRun(
      [{ name: "who", run: (exchange) => void (exchange.principal = given) }, assert({ keys })],
      exchangeOf().exchange.request,
    );
  nodeAssert.doesNotMatch(JSON.stringify(await runFor(principal)), /eyJ/);
  const { end } = await runFor({ ...principal, expires: 1 });
  nodeAssert.equal(end.kind === "problem" && end.code, "token.expired");
});
