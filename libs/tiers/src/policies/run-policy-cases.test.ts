import assert from "node:assert/strict";
import { test } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { loadTandem } from "../load.ts";
import { loadPolicyCases } from "./policy-cases.ts";
import { runPolicyCases } from "./run-policy-cases.ts";

const config = `routing:
  listen: { port: 8081, host: 127.0.0.1 }
  hygiene: { managed: [x-zone] }
  assertion: { keys: keys }
  services: { orders: { discovery: static, instances: ["http://127.0.0.1:1"] } }
  policies:
    - name: guard
      routes: [orders]
      rules:
        - { name: header, effect: deny, when: 'request.headers.exists(n, n.startsWith("x-") || n == "authorization")' }
        - { name: mobile, effect: deny, when: '"mobile" in principal.audiences' }
  routes:
    - name: orders
      match: { path: /orders/** }
      allow: anyone
      identity: { headers: { x-user: subject } }
      service: orders
`;
const cases = `cases:
  - { name: what a route tells of the caller is dropped, request: { path: /orders, headers: { x-user: me } }, expect: allow }
  - { name: what the file manages is dropped, request: { path: /orders, headers: { x-zone: a } }, expect: allow }
  - { name: credentials go no further than the first tier, request: { path: /orders, headers: { authorization: a } }, expect: allow }
  - { name: what clients may set is there, request: { path: /orders, headers: { x-channel: a } }, expect: deny, rule: guard/header }
  - { name: a long target, request: { path: "/orders/${"a".repeat(9_000)}" }, expect: allow }
  - { name: a token for all, principal: { subject: me }, request: { path: /orders }, expect: allow }
  - { name: a token for one, principal: { subject: me, audiences: [mobile] }, request: { path: /orders }, expect: deny, rule: guard/mobile }
`;

test("cases see what the routing tier sees: its own hygiene, and the audiences of tokens", async (t) => {
  const folder = directoryWith(t, { "tandem.yaml": config, "cases.yaml": cases });
  const loaded = loadTandem(`${folder}/tandem.yaml`);
  assert.ok(loaded.ok && loaded.value.routing);
  const read = loadPolicyCases(`${folder}/cases.yaml`, ["orders"]);
  assert.ok(read.ok);
  const results = await runPolicyCases(loaded.value.routing, read.value.cases);
  assert.deepEqual(
    results.filter(({ passed }) => !passed),
    [],
  );
});

const routed = `routing:
  listen: { port: 8081, host: 127.0.0.1 }
  assertion: { keys: keys }
  services: { orders: { discovery: static, instances: ["http://127.0.0.1:1"] } }
  routes:
    - { name: all, match: { path: /orders/** }, allow: anyone, service: orders }
    - { name: write, match: { path: "/orders/{id}", methods: [PUT] }, allow: anyone, service: orders }
    - { name: new, match: { path: "/orders/{id}", headers: { x-version: "2" }, client: app }, allow: anyone, service: orders }
    - { name: mobile, match: { path: /mobile, host: m.test, methods: [GET] }, allow: anyone, service: orders }
`;
const strays = `cases:
  - { name: method, request: { path: /orders/7 }, route: write, expect: allow }
  - { name: conditions, request: { path: /orders/7, method: PATCH }, route: new, expect: allow }
  - { name: order, request: { path: /orders/7, method: PUT }, route: all, expect: allow }
  - { name: elsewhere, request: { path: /orders/7 }, route: mobile, expect: allow }
  - { name: refused, request: { path: /mobile, host: m.test, method: PUT }, route: mobile, expect: allow }
  - { name: nowhere, request: { path: /mobile }, route: mobile, expect: allow }
  - { name: strange, request: { path: /orders/../x }, route: write, expect: allow }
  - { name: right, request: { path: /orders/7, method: PUT }, route: write, expect: allow }
`;

test("a case whose request takes another route than it names says what was lacking", async (t) => {
  const folder = directoryWith(t, { "tandem.yaml": routed, "cases.yaml": strays });
  const loaded = loadTandem(`${folder}/tandem.yaml`);
  assert.ok(loaded.ok && loaded.value.routing);
  const read = loadPolicyCases(`${folder}/cases.yaml`, ["all", "write", "new", "mobile"]);
  assert.ok(read.ok);
  const results = await runPolicyCases(loaded.value.routing, read.value.cases);
  assert.deepEqual(
    results.map(({ says }) => says),
    [
      ["allow on all by anyone, expected the route write", "write at /orders/{id} lacked method PUT"],
      [
        "allow on all by anyone, expected the route new",
        "new at /orders/{id} lacked header x-version = 2; client = app",
      ],
      ["allow on write by anyone, expected the route all", "all comes after write, which takes the request"],
      ["allow on all by anyone, expected the route mobile", "mobile has no path on this host that fits"],
      ["the request got no further than route.method", "mobile at m.test/mobile lacked method GET"],
      ["the request got no further than route.unknown", "mobile has no path on this host that fits"],
      ["the request got no further than request.path"],
      ["allow on write by anyone"],
    ],
  );
});
