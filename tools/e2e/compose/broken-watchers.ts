import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, bearer, tokenOf } from "../http.ts";
import { seenWhile, type SeenInShort } from "../steady-load.ts";
import { until } from "../until.ts";
import { requestLines } from "./central-log.ts";
import { figure, settled } from "./replica-metrics.ts";
import { spanTree } from "./jaeger.ts";
import { containersOf, docker, publicUrl } from "./stack.ts";
import { traceOf } from "./trace-of.ts";

const watchers = [
  { service: "loki", lost: "sum(tandem_log_lines_dropped_total)", arrived: requestLines },
  {
    service: "jaeger",
    lost: "sum(tandem_spans_dropped_total)",
    arrived: (traceId: string) => spanTree(traceId, { services: 3 }),
  },
];
const faults = [
  { name: "gone", breakIt: ["stop", "--time", "1"], mendIt: "start" },
  { name: "hung", breakIt: ["pause"], mendIt: "unpause" },
];

/** Loki and Jaeger, gone and hung: no client sees any of it, what is lost is counted, and when they are back it goes on. */
export function brokenWatchers(): void {
  const url = `${publicUrl}/orders`;
  let headers: { authorization: string };
  let usual: SeenInShort;
  before(async () => {
    headers = bearer(await tokenOf(publicUrl, "demo-app", "demo-secret"));
  });

  test("nobody fails while all is well, which is what the rest is compared with", async (t) => {
    usual = await seenWhile(t, () => sleep(5_000), { url, headers });
    assert.deepEqual(usual.failures, []);
  });

  for (const { service, lost, arrived } of watchers)
    for (const { name, breakIt, mendIt } of faults)
      test(`${service} is ${name}: no client sees it, what is lost is counted, and later lines arrive again`, async (t) => {
        const [container = ""] = await containersOf(service);
        const before = await settled(() => figure(lost));
        await docker(...breakIt, container);
        // Also when what follows fails: whoever comes next needs it. Mending what is mended does no harm.
        t.after(() => docker(mendIt, container).catch(() => {}));
        const counted = () =>
          until("losses are counted", async () => (await figure(lost)) > before, { within: 90_000, every: 1_000 });
        const seen = await seenWhile(t, counted, { url, headers });
        assert.deepEqual(seen.failures, []);
        // Twice is what two cores do by themselves when a container stops; waiting for a collector would be ten seconds.
        assert.ok(seen.middle < usual.middle * 2 + 250, `${seen.middle} ms, and ${usual.middle} ms without`);
        assert.ok(seen.slowest < usual.slowest * 2 + 1_000, `${seen.slowest} ms, and ${usual.slowest} ms without`);
        await docker(mendIt, container);
        await until(
          `a request is seen in ${service} again`,
          async () => {
            const answer = await ask(url, { headers });
            assert.equal(answer.status, 200);
            return Boolean(await arrived(traceOf(answer.headers)));
          },
          { within: 120_000 },
        );
      });

  test("gateways of both tiers start and serve while nobody is there to watch", async (t) => {
    const stopped = (await Promise.all(["loki", "jaeger", "prometheus"].map(containersOf))).flat();
    t.after(() => docker("start", ...stopped));
    await docker("stop", "--time", "1", ...stopped);
    const restarted = (await Promise.all(["security-gateway", "routing-gateway"].map(containersOf))).flat();
    await docker("restart", ...restarted);
    await until("both tiers answer again", async () => (await ask(url, { headers, fresh: true })).status === 200, {
      within: 60_000,
      every: 500,
    });
  });
}
