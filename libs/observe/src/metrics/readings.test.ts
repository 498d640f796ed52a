import assert from "node:assert/strict";
import { test } from "node:test";
import type { PoolCounts } from "@tandem/contracts/pool-counts";
import { Histogram } from "@tandem/platform/telemetry/histogram";
import { cacheMetrics } from "./cache-metrics.ts";
import { certificateMetrics, keyMetrics } from "./expiry-metrics.ts";
import { poolMetrics } from "./pool-metrics.ts";
import { storeMetrics } from "./store-metrics.ts";
import { scraped } from "./testing.ts";
import { budgetMetrics, heldMetrics, mirrorMetrics } from "./traffic-metrics.ts";

const pool: PoolCounts = {
  name: "orders",
  instances: { healthy: 2, ejected: 1, "breaker-open": 1 },
  leaving: 3,
  inFlight: 4,
  limit: 50,
  ejections: 5,
  breaks: 6,
  isPanicking: true,
  panics: 7,
  discovery: { source: "consul", isDegraded: true, ageMs: 1500, silentMs: 500, failures: 8 },
};

test("a scrape shows what the parts of a tier count for themselves, as it is then", async (t) => {
  const waits = new Histogram([0.01]);
  waits.add(0.005);
  const budgets = [{ service: "orders", left: 10 }];
  const { scrape } = await scraped(t, (meters) =>
    meters.add([
      ...poolMetrics({ tier: "routing", pools: () => [pool] }),
      ...budgetMetrics("routing", () => budgets),
      ...mirrorMetrics("routing", () => [
        { route: "a", service: "copy", inFlight: 0, sent: 5, answered: 3, failed: 2, dropped: 1, unheld: 0 },
      ]),
      ...heldMetrics("routing", () => ({ now: 10, most: 100 })),
      ...cacheMetrics("security", () => [
        { name: "jwt", hits: 9, misses: 1, size: 1 },
        { name: "minted", hits: 2, misses: 3 },
      ]),
      ...storeMetrics("security", () => ({ isUp: false, outcomes: { answered: 1, failed: 2 }, waits })),
      ...certificateMetrics("security", [{ name: "listener", at: 1_800_000_000_000 }]),
      ...keyMetrics("security", () => [{ name: "assertions", at: 1_700_000_000_000 }]),
    ]),
  );
  budgets[0]!.left = 9;
  const text = await scrape();
  for (const line of [
    'tandem_pool_instances{tier="routing",service="orders",state="healthy"} 2',
    'tandem_pool_instances{tier="routing",service="orders",state="breaker-open"} 1',
    'tandem_pool_instances{tier="routing",service="orders",state="leaving"} 3',
    'tandem_pool_requests_in_flight{tier="routing",service="orders"} 4',
    'tandem_pool_requests_limit{tier="routing",service="orders"} 50',
    'tandem_pool_panicking{tier="routing",service="orders"} 1',
    'tandem_pool_panics_total{tier="routing",service="orders"} 7',
    'tandem_ejections_total{tier="routing",service="orders"} 5',
    'tandem_breaker_openings_total{tier="routing",service="orders"} 6',
    'tandem_discovery_age_seconds{tier="routing",service="orders",source="consul"} 1.5',
    'tandem_discovery_silent_seconds{tier="routing",service="orders",source="consul"} 0.5',
    'tandem_discovery_degraded{tier="routing",service="orders",source="consul"} 1',
    'tandem_discovery_failures_total{tier="routing",service="orders",source="consul"} 8',
    'tandem_retry_budget_left{tier="routing",service="orders"} 9',
    'tandem_mirrored_total{tier="routing",route="a",service="copy",result="failed"} 2',
    'tandem_held_bytes{tier="routing"} 10',
    'tandem_held_limit_bytes{tier="routing"} 100',
    'tandem_cache_hits_total{tier="security",cache="jwt"} 9',
    'tandem_cache_misses_total{tier="security",cache="minted"} 3',
    'tandem_cache_entries{tier="security",cache="jwt"} 1',
    'tandem_store_up{tier="security"} 0',
    'tandem_store_commands_total{tier="security",outcome="failed"} 2',
    'tandem_store_command_seconds_bucket{tier="security",le="0.01"} 1',
    'tandem_certificate_expiry_timestamp_seconds{tier="security",certificate="listener"} 1800000000',
    'tandem_signing_key_start_timestamp_seconds{tier="security",keys="assertions"} 1700000000',
  ])
    assert.ok(text.split("\n").includes(line), `${line}\n--- is not in\n${text}`);
  assert.doesNotMatch(text, /cache_entries.*minted/);
});

test("what a pool does not have is not shown", async (t) => {
  const { limit: _, ...unlimited } = pool;
  const bare = { ...unlimited, leaving: 0, discovery: { source: "static", isDegraded: false } };
  const { text } = await scraped(t, (meters) => meters.add(poolMetrics({ tier: "routing", pools: () => [bare] })));
  assert.doesNotMatch(text, /^tandem_(pool_requests_limit|discovery_age_seconds|discovery_failures_total)\{/m);
  assert.doesNotMatch(text, /leaving/);
  assert.match(text, /^tandem_discovery_silent_seconds\{.*source="static"\} 0$/m);
});
