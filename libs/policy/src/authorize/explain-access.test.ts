import assert from "node:assert/strict";
import { test } from "node:test";
import type { Principal } from "@tandem/contracts/principal";
import { exchangeOf } from "@tandem/kernel/testing";
import { dryRun } from "@tandem/kernel/explain/dry-run";
import { compileAccess } from "./compile-access.ts";
import { policiesSchema } from "./config.ts";
import type { AccessEvidence } from "./explain-access.ts";
import { authorize } from "./stage.ts";

const policies = policiesSchema.parse([
  {
    name: "office",
    rules: [
      { name: "frozen", effect: "deny", when: '"x-frozen" in request.headers' },
      { name: "writers", effect: "allow", scopes: ["orders:write"], methods: ["POST"] },
      { name: "clerks", effect: "allow", roles: ["clerk"] },
    ],
  },
  { name: "later", mode: "shadow", routes: ["orders"], rules: [{ name: "nobody", effect: "deny", tenant: "other" }] },
]);
const route = { name: "orders", allow: { kind: "needs", scopes: ["orders:read"], policies: ["office"] } } as const;
const stage = authorize({ plans: compileAccess([route], policies) });

async function explained(more: Partial<Principal>, rawHeaders: string[] = []) {
  const { exchange } = exchangeOf({ rawHeaders });
  const principal: Principal = { subject: "ann", scopes: ["orders:read"], roles: [], method: "jwt", ...more };
  const taking = { name: "route", run: (given: typeof exchange) => void Object.assign(given, { route, principal }) };
  const { steps, end, decision } = await dryRun([taking, stage], exchange.request);
  return { evidence: steps[1]!.evidence as AccessEvidence, end, decision };
}

test("every rule that concerns the route is told with what it missed, whichever decided", async () => {
  const { evidence, decision } = await explained({ roles: ["clerk"] });
  assert.equal(decision?.rule, "office/clerks");
  assert.deepEqual(evidence, {
    asks: route.allow,
    has: true,
    rules: [
      { rule: "office/frozen", effect: "deny", missed: ['when: "x-frozen" in request.headers'] },
      { rule: "office/writers", effect: "allow", missed: ["method: POST", "scopes: orders:write"] },
      { rule: "office/clerks", effect: "allow", missed: [] },
      { rule: "later/nobody", effect: "deny", shadow: true, missed: ["tenant: other"] },
    ],
    unlisted: 0,
  });
});

test("a refusal is told like an answer", async () => {
  const { evidence, end } = await explained({ roles: ["clerk"] }, ["x-frozen", "1"]);
  assert.equal(end.kind === "problem" && end.code, "access.denied");
  assert.deepEqual(evidence.rules[0], { rule: "office/frozen", effect: "deny", missed: [] });
});

test("whoever lacks what the route itself asks for is asked by no policy", async () => {
  const { evidence, decision } = await explained({ scopes: [] });
  assert.deepEqual([evidence.has, evidence.rules, decision?.rule], [false, [], "scopes"]);
});
