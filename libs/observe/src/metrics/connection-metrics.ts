import type { Meter } from "@opentelemetry/api";
import type { ListenerStats } from "@tandem/kernel/listener/connections";

interface WatchedListener {
  readonly tier: string;
  /** Asked at a scrape. */
  readonly stats: () => ListenerStats;
}

/** Shows what happens in front of the first request of a connection, where no record tells of it. */
export function watchConnections(meter: Meter, { tier, stats }: WatchedListener): void {
  meter
    .createObservableGauge("tandem_connections_open", { description: "Connections that are open" })
    .addCallback((result) => result.observe(stats().open, { tier }));
  for (const [name, description, read] of counters)
    meter
      .createObservableCounter(name, { description })
      .addCallback((result) => result.observe(read(stats()), { tier }));
  for (const [name, description, read] of byReason)
    meter.createObservableCounter(name, { description }).addCallback((result) => {
      for (const [reason, count] of read(stats())) result.observe(count, { tier, reason });
    });
}

type Shown<Value> = readonly (readonly [name: string, description: string, read: (stats: ListenerStats) => Value])[];

const counters: Shown<number> = [
  ["tandem_connections_accepted", "Connections that were taken", ({ accepted }) => accepted],
  ["tandem_connections_dropped", "Connections beyond the limit, closed at once", ({ dropped }) => dropped],
  [
    "tandem_proxy_refusals",
    "Connections without a valid PROXY header from a listed balancer",
    ({ ended }) => ended.get("proxy-refused") ?? 0,
  ],
];

/** Their labels are words of `contracts/connection-ends.ts`. */
const byReason: Shown<ReadonlyMap<string, number>> = [
  ["tandem_connections_ended", "Connections that have ended, by the reason", ({ ended }) => ended],
  ["tandem_handshake_failures", "Connections that never came to TLS, by the reason", ({ handshakes }) => handshakes],
];
