// Collectors in trouble, run for real: whatever becomes of spans and lines, no client sees any of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gatewayUrl } from "./faults-setup.ts";
import { ask } from "./http.ts";
import { seenWhile, startLoad, type SeenInShort } from "./steady-load.ts";
import { TelemetrySetup, type Trouble } from "./telemetry-setup.ts";
import { until } from "./until.ts";

/** Spans and lines of each tier: four figures. */
type Count = readonly number[];

const allGrown = (before: Count, now: Count): boolean => now.every((figure, at) => figure > before[at]!);

/** Where the load goes. */
const pair = { url: `${gatewayUrl}/pair/x` };

describe("a collector in trouble", { timeout: 600_000 }, () => {
  const setup = new TelemetrySetup();
  let usual: SeenInShort;
  before(() => setup.open());
  after(() => setup.close());

  test("one that is well gets spans and lines of every request, and loses none", async (t) => {
    usual = await seenWhile(t, () => sleep(3_000), pair);
    assert.deepEqual(usual.failures, []);
    await until(
      "the collector has two lines and their spans for each request",
      async () => {
        const { spans, lines } = await setup.taken();
        return lines >= usual.asked * 2 && spans >= usual.asked * 4;
      },
      { within: 20_000, every: 200 },
    );
    assert.deepEqual(await lost(), [0, 0, 0, 0]);
  });

  const troubles: readonly Trouble[] = ["silent", "trickle", "garbage", "503", "frozen", "gone"];
  for (const trouble of troubles)
    test(`${trouble}: no request fails or waits, spans and lines are counted as lost, and afterwards both arrive again`, async (t) => {
      const before = await lost();
      await setup.trouble(trouble);
      const counted = () =>
        until("losses of both kinds are counted in both tiers", async () => allGrown(before, await lost()), {
          within: 60_000,
          every: 200,
        });
      // Where losses are counted at once there would be a handful of requests to judge by.
      const seen = await seenWhile(t, () => Promise.all([counted(), sleep(2_000)]), pair);
      assert.deepEqual(seen.failures, []);
      // Nobody waits for a collector: that would be five seconds.
      assert.ok(seen.middle < usual.middle * 2 + 250, `${seen.middle} ms, and ${usual.middle} ms without trouble`);
      assert.ok(seen.slowest < usual.slowest * 2 + 1_000, `${seen.slowest} ms, ${usual.slowest} ms without`);
      assert.deepEqual(await statuses(), [200, 404, 400]);
      await setup.mend(trouble);
      await deliverAgain();
    });

  test("one that takes a second for each batch loses nothing, and nobody waits for it", async (t) => {
    await setup.trouble("slow");
    t.after(() => setup.mend("slow"));
    const before = await lost();
    const seen = await seenWhile(t, () => sleep(4_000), pair);
    assert.deepEqual(seen.failures, []);
    assert.ok(seen.middle < usual.middle * 2 + 250, `${seen.middle} ms, and ${usual.middle} ms without trouble`);
    await deliverAgain();
    assert.deepEqual(await lost(), before);
  });

  test("one that hangs for long costs a bounded amount of memory", async (t) => {
    await setup.trouble("silent");
    t.after(() => setup.mend("silent"));
    const loads = Array.from({ length: 8 }, () => startLoad(t, `${gatewayUrl}/pair/${"long-".repeat(150)}`));
    const [, , ...before] = await lost();
    // What is lost beyond a batch or two is what the queue had no room for.
    await until(
      "the queues are full",
      async () => (await lost()).slice(2).every((lines, at) => lines > before[at]! + 2_000),
      {
        within: 240_000,
        every: 500,
      },
    );
    const full = setup.memory;
    await sleep(8_000);
    const later = setup.memory;
    for (const load of loads) assert.deepEqual((await load.stop()).failures, []);
    t.diagnostic(`${full.toFixed(0)} MiB when the queues were full, ${later.toFixed(0)} MiB eight seconds later`);
    assert.ok(later < full + 64, `${full} MiB became ${later} MiB`);
  });

  const lost = async (): Promise<Count> => [
    ...(await setup.figures("tandem_spans_dropped_total")),
    ...(await setup.figures("tandem_log_lines_dropped_total", 'sink="otlp"')),
  ];

  /** Waits until both tiers have delivered both kinds since now: then nothing from before is still under way. */
  const deliverAgain = async (): Promise<void> => {
    const delivered = async (): Promise<Count> => [
      ...(await setup.figures("tandem_spans_exported_total")),
      ...(await setup.figures("tandem_log_lines_written_total", 'sink="otlp"')),
    ];
    const before = await delivered();
    await until(
      "both tiers deliver spans and lines",
      async () => {
        await statuses();
        return allGrown(before, await delivered());
      },
      { within: 60_000, every: 200 },
    );
  };

  /** A success, a route that is not there, and a path that hygiene refuses. */
  const statuses = (): Promise<number[]> =>
    Promise.all(["/pair/x", "/nowhere", "/pair/%00"].map(async (path) => (await ask(gatewayUrl + path)).status));
});
