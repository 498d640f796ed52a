import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import type { ListenerStats } from "@tandem/kernel/listener/connections";
import { createMeters } from "@tandem/platform/telemetry/meters";
import { watchConnections } from "./connection-metrics.ts";

test("each scrape shows the listener's counts of that moment", async (t) => {
  let stats: ListenerStats = {
    open: 2,
    accepted: 9,
    dropped: 3,
    ended: new Map([
      ["proxy-refused", 5],
      ["client-closed", 1],
    ]),
    handshakes: new Map([
      ["no-shared-cipher", 4],
      ["not-tls", 2],
    ]),
  };
  const meters = createMeters({ service: "tandem", instance: "one" });
  watchConnections(meters.meter, { tier: "security", stats: () => stats });
  const server = createServer((request, response) => meters.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.close();
    await meters.shutdown();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${address.port}/metrics`)).text();

  const first = new Set((await scrape()).split("\n"));
  for (const line of [
    'tandem_connections_open{tier="security"} 2',
    'tandem_connections_accepted_total{tier="security"} 9',
    'tandem_connections_dropped_total{tier="security"} 3',
    'tandem_connections_ended_total{tier="security",reason="client-closed"} 1',
    'tandem_handshake_failures_total{tier="security",reason="no-shared-cipher"} 4',
    'tandem_handshake_failures_total{tier="security",reason="not-tls"} 2',
    'tandem_proxy_refusals_total{tier="security"} 5',
  ])
    assert.ok(first.has(line), `${line}\n--- is not in\n${[...first].join("\n")}`);
  stats = { ...stats, open: 0, accepted: 12 };
  const second = await scrape();
  assert.match(second, /^tandem_connections_open\{tier="security"\} 0$/m);
  assert.match(second, /^tandem_connections_accepted_total\{tier="security"\} 12$/m);
});
