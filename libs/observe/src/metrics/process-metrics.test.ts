import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { scraped } from "./testing.ts";
import { watchEventLoop } from "./event-loop-metrics.ts";
import { watchProcess } from "./process-metrics.ts";

const figures = {
  version: "1.2.3",
  tier: "routing",
  generation: "abcd",
  spansDropped: () => 3,
  spansExported: () => 4,
  logSinks: [
    { name: "stdout", written: 7, dropped: 5 },
    { name: "otlp", written: 6, dropped: 0 },
  ] as const,
};

test("a scrape shows what runs here, what telemetry lost, and how the process fares", async (t) => {
  const { text } = await scraped(t, (meters) => watchProcess(meters, figures));
  for (const line of [
    'tandem_spans_dropped_total{tier="routing"} 3',
    'tandem_spans_exported_total{tier="routing"} 4',
    'tandem_log_lines_dropped_total{tier="routing",sink="stdout"} 5',
    'tandem_log_lines_written_total{tier="routing",sink="stdout"} 7',
    'tandem_log_lines_written_total{tier="routing",sink="otlp"} 6',
    `tandem_build_info{tier="routing",version="1.2.3",node="${process.versions.node}"} 1`,
    'tandem_config_info{tier="routing",generation="abcd"} 1',
  ])
    assert.ok(text.split("\n").includes(line), `${line}\n--- is not in\n${text}`);
  for (const name of ["resident_memory_bytes", "heap_bytes", "heap_limit_bytes", "start_time_seconds", "open_sockets"])
    assert.match(text, new RegExp(`^process_${name}\\{tier="routing"\\} \\d+`, "m"));
});

test("each connection that is open is one socket and one descriptor", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const { scrape } = await scraped(t, (meters) => watchProcess(meters, figures));
  const read = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, "m").exec(await scrape())?.[1]);
  const before = { sockets: await read("process_open_sockets"), descriptors: await read("process_open_fds") };
  const sockets = Array.from({ length: 10 }, () => connect(address.port, "127.0.0.1"));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  assert.ok((await read("process_open_sockets")) >= before.sockets + 10);
  if (process.platform === "linux") assert.ok((await read("process_open_fds")) >= before.descriptors + 10);
});

test("a loop that was held up shows it, to whoever scrapes first and to whoever scrapes then", async (t) => {
  const { scrape } = await scraped(t, (meters) => watchEventLoop(meters, { tier: "routing" }));
  const latest = async (): Promise<number> =>
    Number(/^nodejs_eventloop_lag_max_seconds\{.*\} (\S+)$/m.exec(await scrape())?.[1]);
  // The first tick is measured from the one before it.
  while ((await latest()) < 0.05) {
    const end = performance.now() + 100;
    while (performance.now() < end);
  }
  assert.ok((await latest()) >= 0.05);
  const text = await scrape();
  assert.match(text, /^nodejs_eventloop_active_seconds_total\{tier="routing"\} 0\.\d+$/m);
  assert.match(text, /^nodejs_gc_duration_seconds_count\{tier="routing",kind="minor"\} \d+$/m);
  assert.doesNotMatch(text, /NaN|undefined/);
});
