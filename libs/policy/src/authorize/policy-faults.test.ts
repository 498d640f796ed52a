import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPath } from "@tandem/platform/config/diagnostic";
import { policiesSchema } from "./config.ts";
import { arrivingHeaders } from "@tandem/kernel/hygiene/arriving-headers";
import { policyFaults, type PolicedRoute } from "./policy-faults.ts";

const routes: PolicedRoute[] = [
  {
    name: "orders-read",
    allow: { kind: "needs", policies: ["clerks"] },
    match: { path: "/orders/{id}", methods: ["GET"] },
  },
  { name: "orders-write", allow: { kind: "anyone" }, match: { path: ["/orders", "/o/**"], methods: ["POST"] } },
];
const clerks = { name: "clerks", rules: [{ name: "all", effect: "allow" }] };
const told = (policies: unknown[], of: readonly PolicedRoute[] = routes): string[] =>
  policyFaults(policiesSchema.parse(policies), of, arrivingHeaders(["x-role"])).map(
    ({ path, message, suggestion, within }) =>
      `${formatPath(path)}${within === undefined ? "" : `+${within}`}: ${message}${suggestion ? `; ${suggestion}?` : ""}`,
  );
const guard = (rule: object, more: object = {}) => [
  clerks,
  { name: "guard", routes: ["orders-*"], ...more, rules: [{ name: "no", effect: "deny", ...rule }] },
];

test("policies that are well have no fault", () => {
  assert.deepEqual(told(guard({ when: `request.headers.host == ["a.test"] && "x-channel" in request.headers` })), []);
  assert.deepEqual(told(guard({ methods: ["GET"], routes: ["orders-read"], when: "request.params.id == '7'" })), []);
});

const refused: { name: string; policies: object[]; says: string[] }[] = [
  { name: "an unknown policy", policies: [{ ...clerks, name: "clerk", routes: ["*"], rules: [{ name: "no", effect: "deny" }] }], says: ["routes[0].allow.policies[0]: there is no policy clerks; clerk?"] },
  { name: "a policy that only denies is no leave", policies: [{ name: "clerks", rules: [{ name: "no", effect: "deny" }] }], says: ["routes[0].allow.policies[0]: the policy clerks allows nothing"] },
  { name: "a policy that nobody asks for", policies: [clerks, { ...clerks, name: "spare" }], says: ["policies[1].name: no route asks for the policy spare"] },
  { name: "the same, switched off", policies: [clerks, { ...clerks, name: "spare", mode: "off" }], says: ["policies[1].name: no route asks for the policy spare"] },
  { name: "a guard that allows", policies: guard({ effect: "allow" }), says: ["policies[1].rules[0].effect: a policy that names its routes itself can only deny"] },
  { name: "an unknown route", policies: guard({}, { routes: ["orders-reed"] }), says: ["policies[1].routes[0]: there is no route orders-reed; orders-read?"] },
  { name: "a pattern of no route", policies: guard({}, { routes: ["invoices-*"] }), says: ["policies[1].routes[0]: no route's name begins like invoices-*"] },
  { name: "a rule for an unknown route", policies: guard({ routes: ["order-read"] }), says: ["policies[1].rules[0].routes[0]: there is no route order-read; orders-read?"] },
  { name: "a rule for a route that its policy leaves alone", policies: guard({ routes: ["orders-read"] }, { routes: ["orders-write"] }), says: ["policies[1].rules[0].routes: the policy concerns none of these routes"] },
  { name: "a mistyped method, beside one that is right", policies: guard({ methods: ["POST", "DELET"] }), says: ["policies[1].rules[0].methods[1]: no request has the method DELET; DELETE?"] },
  { name: "a method that no gateway carries", policies: guard({ methods: ["TRACE"] }), says: ["policies[1].rules[0].methods[0]: no request has the method TRACE"] },
  { name: "a method that no route takes", policies: guard({ methods: ["DELETE"] }), says: ["policies[1].rules[0].methods: no route here takes any of these methods"] },
  { name: "a scope of nobody", policies: guard({ principals: ["anonymous"], scopes: ["a"] }), says: ["policies[1].rules[0].scopes: an anonymous caller has no scopes: the rule never matches"] },
  { name: "a condition that is none", policies: guard({ when: "request.methd == 'GET'" }), says: ["policies[1].rules[0].when+8: there is no methd here; method?"] },
  { name: "the same in a policy that is off", policies: guard({ when: "request.methd == 'GET'" }, { mode: "off" }), says: ["policies[1].rules[0].when+8: there is no methd here; method?"] },
  ...["x-role", "tandem-client", "authorization", "x-request-id"].map((header) => ({ name: `the header ${header}, which no request still has`, policies: guard({ when: `request.method == "GET" && request.headers["${header}"].exists(v, v == "a")` }), says: [`policies[1].rules[0].when+43: no request has the header ${header} when policies are asked`] })),
  { name: "the same, asked whether it is there", policies: guard({ when: `has(request.headers.authorization) || "x-role" in request.headers` }), says: ["policies[1].rules[0].when+20: no request has the header authorization when policies are asked", "policies[1].rules[0].when+38: no request has the header x-role when policies are asked"] },
  { name: "the same in a policy in shadow that also looks through all headers", policies: guard({ when: `request.headers.exists(n, n == "a") && "connection" in request.headers` }, { mode: "shadow" }), says: ["policies[1].rules[0].when+39: no request has the header connection when policies are asked"] },
  { name: "a parameter that no pattern has", policies: guard({ when: "request.params.idd == '7'" }), says: ["policies[1].rules[0].when+15: no route here has a parameter idd; id?"] },
]; // prettier-ignore
for (const { name, policies, says } of refused) test(`refused: ${name}`, () => assert.deepEqual(told(policies), says));

test("a parameter is looked for where the rule is in force", () => {
  assert.deepEqual(told(guard({ when: "request.params.id == '7'", routes: ["orders-write"] })), [
    "policies[1].rules[0].when+15: no route here has a parameter id",
  ]);
});
