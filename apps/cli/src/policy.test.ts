import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { policyTest } from "./policy.ts";

const local = resolve(import.meta.dirname, "../../../deploy/local");

test("the cases beside the demo configuration hold", async () => {
  const { lines, exitCode } = await policyTest(`${local}/policy-cases.yaml`, `${local}/tandem.yaml`);
  assert.equal(exitCode, 0, lines.join("\n"));
});

const config = `routing:
  listen: { port: 8081, host: 127.0.0.1 }
  assertion: { keys: keys }
  services: { orders: { discovery: static, instances: ["http://127.0.0.1:1"] } }
  policies:
    - name: clerks
      rules:
        - { name: own, effect: allow, principals: [authenticated], when: request.params.owner == principal.subject }
        - { name: all, effect: allow, scopes: [orders:all] }
    - name: network
      routes: ["*"]
      rules:
        - { name: inside, effect: deny, when: '!inCidr(request.address, "10.0.0.0/8")' }
        - { name: no-insiders, effect: deny, when: '"x-channel" in request.headers && request.headers["x-channel"].exists(r, r == "internal")' }
    - name: office-hours
      mode: shadow
      routes: [orders]
      rules: [{ name: night, effect: deny, when: request.time.getHours() < 8 }]
  routes:
    - { name: orders, match: { path: "/orders/{owner}/**" }, allow: { policies: [clerks] }, service: orders }
`;

function files(t: TestContext, cases: string): [cases: string, config: string] {
  const folder = directoryWith(t, { "tandem.yaml": config, "cases.yaml": cases });
  return [`${folder}/cases.yaml`, `${folder}/tandem.yaml`];
}

test("policies in, decisions out", async (t) => {
  const alice = "principal: { subject: alice }";
  const inside = "address: 10.1.2.3, time: 2026-11-20T12:00:00Z";
  const { lines, exitCode } = await policyTest(
    ...files(
      t,
      `cases:
  - { name: hers, ${alice}, request: { path: /orders/alice/7, ${inside} }, expect: allow, rule: clerks/own }
  - { name: his, ${alice}, request: { path: /orders/bob/7, ${inside} }, expect: deny, rule: policies }
  - { name: outside, ${alice}, request: { path: /orders/alice }, expect: deny, rule: network/inside }
  - { name: two lines, ${alice}, request: { path: /orders/alice, headers: { x-channel: [web, internal] }, ${inside} }, expect: deny, rule: network/no-insiders }
  - { name: by name, principal: { subject: bob, scopes: [orders:all] }, request: { ${inside} }, route: orders, expect: allow, rule: clerks/all }
  - { name: night, ${alice}, request: { path: /orders/alice, address: 10.0.0.1, time: 2026-11-20T05:00:00Z }, expect: allow }
`,
    ),
  );
  assert.deepEqual(lines, [
    "ok    hers       allow on orders by clerks/own",
    "ok    his        deny on orders by policies",
    "ok    outside    deny on orders by network/inside",
    "ok    two lines  deny on orders by network/no-insiders",
    "ok    by name    allow on orders by clerks/all",
    "ok    night      allow on orders by clerks/own",
    "                 in shadow: office-hours/night would deny",
    "6 of 6 cases are decided as expected",
  ]);
  assert.equal(exitCode, 0);
});

test("a case that is decided otherwise says by what, and what came nearest", async (t) => {
  const { lines, exitCode } = await policyTest(
    ...files(
      t,
      `cases:
  - { name: his, principal: { subject: alice }, request: { path: /orders/bob, address: 10.0.0.1 }, expect: allow, rule: clerks/own }
  - { name: nowhere, request: { path: /nowhere }, expect: deny }
  - { name: strange, request: { path: /orders/%2e%2e/x }, expect: deny }
`,
    ),
  );
  assert.equal(exitCode, 1);
  assert.deepEqual(lines, [
    "FAIL  his      deny on orders by policies, expected allow, expected the rule clerks/own",
    "               missing orders:all",
    "               clerks/own missed when: request.params.owner == principal.subject",
    "               clerks/all missed scopes: orders:all",
    "FAIL  nowhere  the request got no further than route.unknown",
    "FAIL  strange  the request got no further than request.path",
    "0 of 3 cases are decided as expected",
  ]);
});

const faulty: { name: string; cases: string; says: RegExp }[] = [
  { name: "an unknown key", cases: "cases:\n  - { name: a, expct: deny, route: orders }", says: /cases\.yaml:2:\d+ {2}cases\[0\]\.expct: unknown key; did you mean "expect"/ },
  { name: "an unknown route", cases: "cases:\n  - { name: a, expect: deny, route: order }", says: /cases\.yaml:2:\d+ {2}cases\[0\]\.route: there is no route order; did you mean "orders"/ },
  { name: "neither path nor route", cases: "cases:\n  - { name: a, expect: deny }", says: /cases\.yaml:2:5 .*without a path needs a route/ },
  { name: "no cases", cases: "cases: []", says: /at least 1/ },
  { name: "no YAML", cases: "cases: [", says: /cases\.yaml:1:\d+/ },
]; // prettier-ignore
for (const { name, cases, says } of faulty)
  test(`a bad file of cases is refused with its place: ${name}`, async (t) => {
    const { lines, exitCode } = await policyTest(...files(t, cases));
    assert.equal(exitCode, 1);
    assert.match(lines.join("\n"), says);
  });

test("a configuration whose condition is wrong is told with a caret at the fault", async (t) => {
  const [cases, file] = files(t, "cases:\n  - { name: a, route: orders, expect: deny }");
  const bad = directoryWith(t, { "tandem.yaml": config.replace("principal.subject", "principal.subjct") });
  const { lines, exitCode } = await policyTest(cases, `${bad}/tandem.yaml`);
  assert.equal(exitCode, 1);
  assert.ok(file);
  assert.deepEqual(lines, [
    `${bad}/tandem.yaml:8:108  routing.policies[0].rules[0].when: there is no subjct here; did you mean "subject"?\n` +
      `    request.params.owner == principal.subjct\n    ${" ".repeat(34)}^`,
  ]);
});
