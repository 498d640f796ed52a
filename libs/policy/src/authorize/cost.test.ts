// What a decision costs, printed; how long it takes is the machine's business, what it leaves behind is ours.
import assert from "node:assert/strict";
import { test } from "node:test";
import { grownBy } from "@tandem/platform/grown-by.testing";
import type { Principal } from "@tandem/contracts/principal";
import { exchangeOf } from "@tandem/kernel/testing";
import { compileAccess } from "./compile-access.ts";
import { policiesSchema } from "./config.ts";
import { decide } from "./decide.ts";

const times = 5_000;

/** So few that the collector does not come between, whatever one of them makes. */
const weighed = 1_000;

/** Room for a few numbers on their way from one function to another, and for no object. */
const most = 32;

const alice: Principal = { subject: "alice", client: "app", scopes: ["a", "b"], roles: ["clerk"], method: "jwt" };
const now = (): number => 0;

/** A hundred policies, of which the last lets the caller through; each guard has two rules that nearly match. */
function deciding(guard: (index: number) => object, leave: object): (turns: number) => void {
  const policies = policiesSchema.parse([
    ...Array.from({ length: 99 }, (_, index) => ({
      name: `guard-${index}`,
      routes: ["orders"],
      rules: [
        { name: "tenant", effect: "deny", principals: ["client:app"], tenant: `t${index}` },
        { name: "more", effect: "deny", methods: ["GET"], ...guard(index) },
      ],
    })),
    { name: "clerks", rules: [{ name: "all", effect: "allow", roles: ["chief", "clerk"], ...leave }] },
  ]);
  const allow = { kind: "needs", scopes: ["a"], policies: ["clerks"] } as const;
  const plan = compileAccess([{ name: "orders", allow }], policies).get("orders")!;
  const { exchange } = exchangeOf({ path: "/orders/7?page=1", rawHeaders: ["x-channel", "web"] });
  exchange.principal = alice;
  assert.equal(decide(plan, exchange, now).rule, "clerks/all");
  return (turns) => {
    for (let turn = 0; turn < turns; turn++) decide(plan, exchange, now);
  };
}

const rules: { name: string; guard: (index: number) => object; leave?: object }[] = [
  { name: "without conditions", guard: (index) => ({ roles: [`r${index}`] }) },
  {
    name: "with conditions about the caller alone",
    guard: (index) => ({ when: `principal.subject == "s${index}"` }),
    leave: { when: 'principal.subject == "alice"' },
  },
  {
    name: "with conditions about the request",
    guard: (index) => ({ when: `request.headers["x-channel"].exists(v, v == "c${index}")` }),
    leave: { when: 'request.path.startsWith("/orders/")' },
  },
];
for (const { name, guard, leave = {} } of rules)
  test(`a hundred policies ${name} are decided`, (t) => {
    const run = deciding(guard, leave);
    run(times);
    const start = performance.now();
    run(times);
    t.diagnostic(`${(((performance.now() - start) / times) * 1e3).toFixed(2)} µs`);
  });

test("to allow makes no object where no condition is involved", () => {
  const run = deciding((index) => ({ roles: [`r${index}`] }), {});
  // Again until the compiler is done with it.
  let grown = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 50 && grown >= most; round++) grown = grownBy(() => run(weighed)) / weighed;
  assert.ok(grown < most, `${grown} bytes each`);
});
