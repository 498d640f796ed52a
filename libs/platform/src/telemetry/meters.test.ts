import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
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
