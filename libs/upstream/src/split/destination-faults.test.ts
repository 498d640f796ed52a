import assert from "node:assert/strict";
import { test } from "node:test";
import { destinationFaults, type RouteDestination } from "./destination-faults.ts";

const services = { orders: {}, "orders-v2": {}, shadow: {} };
const among = [
  { service: "orders", weight: 90 },
  { service: "orders-v2", weight: 10 },
];
const mirror = { service: "shadow", percent: 100, most: 1, holdBody: 0, timeout: 100 };
const redirect = { path: "/new", query: "keep", status: 307 } as const;
const whole: RouteDestination = { split: { by: undefined, among }, mirror };

const cases: { name: string; routes: RouteDestination[]; expected: string[] }[] = [
  { name: "each service is led to, by a split or a mirror too", routes: [whole, { redirect }], expected: [] },
  { name: "a route that leads nowhere", routes: [whole, {}], expected: ["routes.1: the route leads nowhere"] },
  {
    name: "a route that leads to two places",
    routes: [whole, { service: "orders", split: { by: undefined, among }, redirect }],
    expected: ["routes.1.split: the route has a service already", "routes.1.redirect: the route has a service already"],
  },
  {
    name: "a redirect that would ask a service",
    routes: [whole, { redirect, rewrite: {}, requestHeaders: {}, responseHeaders: {}, mirror }],
    expected: ["rewrite", "requestHeaders", "responseHeaders", "mirror"].map(
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
    name: "services that there are not, each told where it stands",
    routes: [
      whole,
      { service: "order" },
      { split: { by: undefined, among: [...among, { service: "orders-v3", weight: 1 }] } },
      { split: { by: "client", among: [{ service: "catalog", weight: 1 }, ...among] } },
      { service: "orders", mirror: { ...mirror, service: "shadows" } },
    ],
    expected: [
      "routes.1.service: there is no service order, but orders",
      "routes.2.split.2.service: there is no service orders-v3, but orders-v2",
      "routes.3.split.among.0.service: there is no service catalog",
      "routes.4.mirror.service: there is no service shadows, but shadow",
    ],
  },
  {
    name: "services that no route leads to",
    routes: [{ service: "orders" }],
    expected: [
      "services.orders-v2: no route leads to the service orders-v2",
      "services.shadow: no route leads to the service shadow",
    ],
  },
];
for (const { name, routes, expected } of cases)
  test(name, () => {
    const told = destinationFaults(routes, services).map(
      ({ path, message, suggestion }) => `${path.join(".")}: ${message}${suggestion ? `, but ${suggestion}` : ""}`,
    );
    assert.deepEqual(told, expected);
  });
