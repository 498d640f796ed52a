// Each gateway knows only what it has in flight itself. What that costs when there are several is shown here, in a
// simulation: the same load over the same instances by one gateway, and by more and more of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "@tandem/platform/drawing.testing";
import type { Choose } from "./balance.ts";
import { leastRequest } from "./least-request.ts";
import { roundRobin } from "./round-robin.ts";
import { alike, asking } from "./testing.ts";
import type { TestInstance } from "../pool/testing.ts";

const exchange = asking();
const instanceCount = 10;
const requests = 40_000;
/** Requests under way at a time, four for each instance. */
const load = 40;

interface Simulated {
  /** Of all requests, how many the busiest instance got for each one of the idlest. */
  readonly ratio: number;
  /** The most that one instance had under way at a time, from all gateways together, in the middle of all such peaks. */
  readonly peak: number;
}

function simulate(gatewayCount: number, balanceOf: typeof leastRequest): Simulated {
  const random = drawing(gatewayCount).next;
  // The same instances, as each gateway sees them.
  const views: TestInstance[][] = Array.from({ length: gatewayCount }, () => alike(instanceCount));
  const gateways: Choose[] = views.map((instances) => balanceOf({ random })(instances));
  const counts = Array.from({ length: instanceCount }, () => 0);
  const busy = Array.from({ length: instanceCount }, () => 0);
  const under: { view: TestInstance; index: number }[] = [];
  const peaks: number[] = [];
  for (let request = 0; request < requests; request++) {
    const gateway = Math.floor(random() * gatewayCount);
    const view = gateways[gateway]!(exchange, []) as TestInstance;
    const index = views[gateway]!.indexOf(view);
    view.begin();
    counts[index]!++;
    busy[index]!++;
    under.push({ view, index });
    if (under.length < load) continue;
    peaks.push(Math.max(...busy));
    // Whichever ends next: times of service without memory.
    const [ended] = under.splice(Math.floor(random() * under.length), 1);
    ended!.view.end();
    busy[ended!.index]!--;
  }
  const middle = peaks.toSorted((a, b) => a - b)[peaks.length >> 1]!;
  return { ratio: Math.max(...counts) / Math.min(...counts), peak: middle };
}

test("with several gateways least-request still spreads evenly, and loses by and by what it is better at", (t) => {
  for (const count of [1, 2, 4, 16]) {
    const [least, turns] = [simulate(count, leastRequest), simulate(count, roundRobin)];
    t.diagnostic(
      `${count} gateways: max/min ${least.ratio.toFixed(3)}, busiest ${least.peak}; round-robin ${turns.ratio.toFixed(3)}, ${turns.peak}`,
    );
    assert.ok(least.ratio < 1.1, `${count} gateways: ${least.ratio}`);
    assert.ok(least.peak <= turns.peak, `${count} gateways: ${least.peak}, round-robin ${turns.peak}`);
  }
});
