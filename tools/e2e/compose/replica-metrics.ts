import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, bearer, tokenOf } from "../http.ts";
import { until } from "../until.ts";
import { consoles, publicUrl } from "./stack.ts";

/** Prometheus finds every replica of both tiers, adds up what they count, and knows the rules. */
export function replicaMetrics(): void {
  test("every replica of both tiers is found, and is up", async () => {
    await until(
      "Prometheus sees two security gateways and three routing gateways",
      async () => {
        const { data } = await prometheus("targets?state=active");
        const up = data.activeTargets.filter(({ health }: any) => health === "up").map(({ labels }: any) => labels.job);
        assert.deepEqual(Object.groupBy(up, String)["security-gateway"]?.length, 2);
        assert.deepEqual(Object.groupBy(up, String)["routing-gateway"]?.length, 3);
        return data.activeTargets.length === 5;
      },
      { within: 40_000, every: 500 },
    );
  });

  test("requests are one sum, whichever replica has served them", async () => {
    const headers = bearer(await tokenOf(publicUrl, "demo-app", "demo-secret"));
    const sum = () => figure('sum(tandem_requests_total{job="routing-gateway", route="orders-read"})');
    const before = await settled(sum);
    for (let sent = 0; sent < 40; sent++) await ask(`${publicUrl}/orders`, { headers });
    await until("all forty are counted", async () => (await sum()) === before + 40, { within: 30_000, every: 500 });
  });

  test("the rules that warn are loaded, and none is broken", async () => {
    const { data } = await prometheus("rules");
    const rules = data.groups.flatMap((group: any) => group.rules);
    assert.ok(rules.length > 0);
    await until(
      "every rule has been tried",
      async () => {
        const { data: now } = await prometheus("rules");
        return now.groups.flatMap((group: any) => group.rules).every(({ health }: any) => health === "ok");
      },
      { within: 90_000, every: 1_000 },
    );
  });
}

/** What Prometheus answers to a question that has one figure for an answer; 0 where it knows of nothing. */
export async function figure(query: string): Promise<number> {
  const { data } = await prometheus(`query?query=${encodeURIComponent(query)}`);
  return Number(data.result[0]?.value[1] ?? 0);
}

async function prometheus(path: string): Promise<any> {
  const { status, json } = await ask(`${consoles.prometheus}/api/v1/${path}`);
  assert.equal(status, 200);
  return json;
}

/** A figure that several scrapes in a row agree upon. */
export async function settled(read: () => Promise<number>): Promise<number> {
  let last = await read();
  let since = Date.now();
  await until(
    "a figure stays as it is",
    async () => {
      const now = await read();
      if (now !== last) [last, since] = [now, Date.now()];
      return Date.now() - since > 11_000;
    },
    { within: 60_000, every: 500 },
  );
  return last;
}
