import assert from "node:assert/strict";
import { test } from "node:test";
import { bearer, tokenOf } from "../http.ts";
import { startLoad } from "../steady-load.ts";
import { until } from "../until.ts";
import { metricsOf, publicUrl, scale } from "./stack.ts";

/** Both tiers grow and shrink while requests run. */
export function scaling(): void {
  test("both tiers scale up, all replicas take part, and the routing tier scales down, without one failed request", async (t) => {
    const token = await tokenOf(publicUrl, "demo-app", "demo-secret");
    const load = startLoad(t, `${publicUrl}/orders`, bearer(token));
    await scale({ "security-gateway": 2, "routing-gateway": 3 });
    await until(
      "three routing gateways and two security gateways have served",
      async () => (await servers("routing-gateway")) === 3 && (await servers("security-gateway")) === 2,
      { within: 30_000, every: 500 },
    );
    await scale({ "security-gateway": 2, "routing-gateway": 1 });
    const { asked, failures } = await load.stop();
    assert.ok(asked > 100, `only ${asked} requests were sent`);
    assert.deepEqual(failures, []);
  });
}

const served = /^tandem_requests_total\{[^}]*route="orders-read"|^tandem_requests_total\{[^}]*status="200"/m;

/** How many containers of a tier have answered requests, told by their own metrics. */
const servers = async (service: Parameters<typeof metricsOf>[0]): Promise<number> =>
  (await metricsOf(service)).filter((text) => served.test(text)).length;
