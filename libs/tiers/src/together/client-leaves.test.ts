// A client that leaves takes its request with it, through both tiers, wherever it is at that moment.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "@tandem/platform/testing";
import { begin, protocols, startBoth } from "./testing.ts";
import type { RunningTier } from "../testing.ts";

const seen = { begun: 0, brokenOff: 0 };
const bed = await startBoth({ after }, (request, response) => {
  seen.begun++;
  response.once("close", () => void (response.writableFinished || seen.brokenOff++));
  if (request.url?.endsWith("/half")) response.write("the first half");
  request.on("error", () => {}).resume();
});

const moments = [
  { name: "before the answer", path: "waiting" },
  { name: "within the answer", path: "half" },
  { name: "within its upload", path: "upload", method: "POST", body: null },
];

const is = async (tier: RunningTier, state: object): Promise<boolean> =>
  JSON.stringify(await tier.inFlight()) === JSON.stringify(state);

for (const protocol of protocols)
  for (const { name, path: end, ...asked } of moments)
    test(`over ${protocol} a client that leaves ${name} is noticed by both tiers and the service`, async () => {
      const before = { ...seen };
      const path = `/open/${protocol}/${end}`;
      const begun = begin({ port: bed.security.port, protocol, tls: bed.tls() }, { ...asked, path });
      await until("the service is asked", () => seen.begun === before.begun + 1);
      for (const tier of [bed.security, bed.routing])
        assert.deepEqual(await tier.inFlight(), { requests: 1, attempts: 1 });
      begun.leave();
      await until("the service hears of it", () => seen.brokenOff === before.brokenOff + 1);
      for (const tier of [bed.security, bed.routing]) {
        await until("nothing is in flight any more", () => is(tier, { requests: 0, attempts: 0 }));
        const find = () => tier.lines.find((line) => line["url.path"] === path);
        await until("there is a line", find);
        const { "tandem.flags": flags, "tandem.attempts": attempts } = find()!;
        assert.deepEqual([flags, attempts[0].outcome], [["client-left"], "aborted"]);
      }
    });
