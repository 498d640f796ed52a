import assert from "node:assert/strict";
import { test } from "node:test";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { ratesOf } from "./rates-of.ts";
import { createRequestMetrics } from "./request-metrics.ts";

test("what requests amount to is added up by route, with refusals and failures apart", async () => {
  const metrics = createRequestMetrics({ tier: "routing" });
  metrics.observe(answeredRecord());
  metrics.observe(answeredRecord({ method: "POST", status: 201 }));
  metrics.observe(answeredRecord({ status: 502, error: "upstream.failed" }));
  metrics.observe(answeredRecord({ status: 0, ending: "client-left" }));
  metrics.observe(deniedRecord());
  metrics.observe(answeredRecord({ route: undefined, status: 404, error: "route.unknown" }));

  const { bounds, routes } = await ratesOf(metrics.summed);
  const [orders, none] = routes;
  assert.equal(routes.length, 2);
  assert.deepEqual([orders?.route, orders?.requests, orders?.refused, orders?.failed], ["orders-read", 5, 1, 2]);
  assert.deepEqual([none?.route, none?.requests, none?.refused, none?.failed], ["", 1, 1, 0]);
  assert.equal(orders?.counts.length, bounds.length + 1);
  assert.equal(
    orders?.counts.reduce((sum, count) => sum + count, 0),
    5,
  );
  assert.equal(orders?.counts[bounds.findIndex((bound) => bound >= 0.0125)], 4);
});

test("before the first request there is nothing to tell", async () => {
  assert.deepEqual((await ratesOf(createRequestMetrics({ tier: "security" }).summed)).routes, []);
});
