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
  for (const [name, description, count] of counters)
    meter
      .createObservableCounter(name, { description })
      .addCallback((result) => result.observe(stats()[count], { tier }));
}

const counters: readonly (readonly [name: string, description: string, count: keyof ListenerStats])[] = [
  ["tandem_connections_accepted", "Connections that were taken", "accepted"],
  ["tandem_connections_dropped", "Connections beyond the limit, closed at once", "dropped"],
  ["tandem_handshake_failures", "Connections that ended in their TLS handshake", "handshakeFailures"],
  ["tandem_proxy_refusals", "Connections without a valid PROXY header from a listed balancer", "proxyRefusals"],
];
