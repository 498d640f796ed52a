import assert from "node:assert/strict";
import { test } from "node:test";
import { routeFaults } from "./route-faults.ts";
import type { LeadingRoute } from "./services-of.ts";

const among = [
  { service: "orders", weight: 90 },
  { service: "orders-v2", weight: 10 },
];
const mirror = { service: "shadow", percent: 100, most: 1, holdBody: 0, timeout: 100 };
const services = { orders: {}, "orders-v2": {}, shadow: {} };
const whole: LeadingRoute = { split: { by: undefined, among }, mirror };

const cases: { name: string; routes: LeadingRoute[]; expected: string[] }[] = [
  { name: "a split and a mirror lead to services like any route", routes: [whole, {}], expected: [] },
  {
    name: "services that there are not are told where they stand",
    routes: [
      whole,
      { split: { by: undefined, among: [...among, { service: "orders-v3", weight: 1 }] } },
      { split: { by: "client", among: [{ service: "catalog", weight: 1 }, ...among] } },
      { service: "orders", mirror: { ...mirror, service: "shadows" } },
    ],
    expected: [
      "routes.1.split.2.service: there is no service orders-v3, but orders-v2",
      "routes.2.split.among.0.service: there is no service catalog",
      "routes.3.mirror.service: there is no service shadows, but shadow",
    ],
  },
  {
    name: "services that no route leads to are still told of",
    routes: [{ split: { by: undefined, among } }],
    expected: ["services.shadow: no route leads to the service shadow"],
  },
];
for (const { name, routes, expected } of cases)
  test(name, () => {
    const named = routes.map((route, index) => ({ name: `r${index}`, match: { path: `/${index}` }, ...route }));
    const told = routeFaults(named, services).map(
      ({ path, message, suggestion }) => `${path.join(".")}: ${message}${suggestion ? `, but ${suggestion}` : ""}`,
    );
    assert.deepEqual(told, expected);
  });
