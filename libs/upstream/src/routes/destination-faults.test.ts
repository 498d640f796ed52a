import assert from "node:assert/strict";
import { test } from "node:test";
import { destinationFaults, type RouteDestination } from "./destination-faults.ts";

const among = [
  { service: "orders", weight: 90 },
  { service: "orders-v2", weight: 10 },
];
const mirror = { service: "shadow", percent: 100, most: 1, holdBody: 0, timeout: 100 };
const redirect = { path: "/new", query: "keep", status: 307 } as const;
const canary = { service: "canary", weight: 0, when: { header: { name: "x-shop-user", value: "a" } } };
const whole: RouteDestination = { split: { by: undefined, among }, mirror };

const cases: { name: string; routes: RouteDestination[]; expected: string[] }[] = [
  {
    name: "a service, a split or a redirect",
    routes: [whole, { redirect }, { service: "orders", mirror, identity: { kind: "credential" } }],
    expected: [],
  },
  { name: "a redirect tells nobody of the caller", routes: [{ redirect, identity: { kind: "none" } }], expected: [] },
  { name: "a route that leads nowhere", routes: [whole, {}], expected: ["routes.1: the route leads nowhere"] },
  {
    name: "a route that leads to two places",
    routes: [whole, { service: "orders", split: { by: undefined, among }, redirect }],
    expected: ["routes.1.split: the route has a service already", "routes.1.redirect: the route has a service already"],
  },
  {
    name: "a redirect that would ask a service",
    routes: [
      whole,
      { redirect, rewrite: {}, requestHeaders: {}, responseHeaders: {}, mirror, identity: { kind: "credential" } },
    ],
    expected: ["rewrite", "requestHeaders", "responseHeaders", "mirror", "identity"].map(
      (key) => `routes.1.${key}: a redirect asks no service`,
    ),
  },
  {
    name: "a mirror of itself",
    routes: [
      whole,
      { service: "shadow", mirror },
      { split: { by: undefined, among }, mirror: { ...mirror, service: "orders" } },
    ],
    expected: [
      "routes.1.mirror.service: shadow would be asked twice",
      "routes.2.mirror.service: orders would be asked twice",
    ],
  },
  {
    name: "a split by headers that only the gateway sets",
    routes: [
      { split: { by: { header: "x-shop-user" }, among: [...among, canary] } },
      { split: { by: undefined, among: [canary, ...among] } },
    ],
    expected: [
      "routes.0.split.among.2.when.header.name",
      "routes.0.split.by.header",
      "routes.1.split.0.when.header.name",
    ].map((path) => `${path}: x-shop-user is a header that only the gateway may set`),
  },
];
for (const { name, routes, expected } of cases)
  test(name, () => {
    const told = destinationFaults(routes, ["x-shop-user"]).map(({ path, message }) => `${path.join(".")}: ${message}`);
    assert.deepEqual(told, expected);
  });
