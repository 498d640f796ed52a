import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createMeters, type Meters } from "./meters.ts";

async function scrape(t: TestContext, meters: Meters): Promise<string> {
  const server = createServer((request, response) => meters.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const answer = await fetch(`http://127.0.0.1:${address.port}/metrics`);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain/);
  return answer.text();
}

test("a scrape shows each instrument with its help, and who is speaking", async (t) => {
  const meters = createMeters({ service: "tandem", instance: "one", version: "1.2.3" });
  t.after(() => meters.shutdown());
  meters.meter.createCounter("tandem_things", { description: "Things that were counted" }).add(2, { kind: 'a"b' });
  const text = await scrape(t, meters);
  assert.match(text, /^# HELP tandem_things_total Things that were counted$/m);
  assert.match(text, /^# TYPE tandem_things_total counter$/m);
  assert.match(text, /^tandem_things_total\{kind="a\\"b"\} 2$/m);
  assert.match(text, /^target_info\{service_name="tandem",service_instance_id="one",service_version="1.2.3"\} 1$/m);
});

test("two processes' worth of metrics in one process do not mix", async (t) => {
  const [one, other] = ["one", "other"].map((instance) => createMeters({ service: "tandem", instance }));
  assert.ok(one && other);
  t.after(() => Promise.all([one.shutdown(), other.shutdown()]));
  one.meter.createCounter("tandem_things", { description: "Things" }).add(1);
  assert.doesNotMatch(await scrape(t, other), /tandem_things/);
});

test("an instrument that throws does not take the others with it", async (t) => {
  const meters = createMeters({ service: "tandem", instance: "one" });
  t.after(() => meters.shutdown());
  meters.meter.createObservableGauge("tandem_bad", { description: "Bad" }).addCallback(() => {
    throw new Error("no figure");
  });
  meters.meter.createObservableGauge("tandem_good", { description: "Good" }).addCallback((result) => result.observe(7));
  assert.match(await scrape(t, meters), /^tandem_good 7$/m);
});

test("figures that were added are shown until they are taken back", async (t) => {
  const meters = createMeters({ service: "tandem", instance: "one" });
  t.after(() => meters.shutdown());
  const remove = meters.add([
    { kind: "gauge", name: "tandem_level", description: "Level", points: () => [{ labels: { a: "b" }, value: 1 }] },
  ]);
  assert.match(await scrape(t, meters), /^tandem_level\{a="b"\} 1$/m);
  remove();
  assert.doesNotMatch(await scrape(t, meters), /tandem_level/);
});

test("a long answer lets others in between, and a scraper that leaves ends it", async (t) => {
  const meters = createMeters({ service: "tandem", instance: "one" });
  t.after(() => meters.shutdown());
  let read = 0;
  meters.add([
    {
      kind: "counter",
      name: "things",
      description: "Things",
      points: function* () {
        for (read = 0; read < 200_000; read++) yield { labels: { route: `route-${read}` }, value: read };
      },
    },
  ]);
  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  t.after(() => clearInterval(turning));
  assert.equal((await scrape(t, meters)).match(/^things_total\{/gm)?.length, 200_000);
  assert.ok(turns > 20, `the loop turned ${turns} times`);

  const { promise: left, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.once("close", resolve);
    meters.handle(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const leaving = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${address.port}/metrics`, { signal: leaving.signal });
  await answer.body!.getReader().read();
  leaving.abort();
  await left;
  const then = read;
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  assert.ok(read < 200_000 && read - then < 2_000, `${read} were read, ${then} when it left`);
});
