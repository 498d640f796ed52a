// Both tiers on a real Consul and a real Redis: what is registered is served, and what breaks does not break the rest.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startOtlpReceiver, type OtlpReceiver } from "@tandem/platform/telemetry/testing";
import { consulKnows, consulLeads, consulUrl, ports, publicUrl, ready, Setup } from "./consul-setup.ts";
import { direct, instancesSeen, requestsOf, tellConsul } from "./consul-questions.ts";
import { curlList } from "./curl-list.ts";
import { ask, bearer, tokenOf } from "./http.ts";
import type { Program } from "./program.ts";
import { startLoad } from "./steady-load.ts";
import { until } from "./until.ts";

describe("both tiers on Consul and Redis", { timeout: 300_000 }, () => {
  const setup = new Setup();
  let collector: OtlpReceiver;
  let consul: Program;
  let redis: Program;
  let routing: Program;

  before(async () => {
    setup.makeKeys();
    collector = await startOtlpReceiver(ports.collector);
    consul = setup.startConsul();
    redis = setup.startRedis();
    await setup.line.listen(ports.consulLine);
    await consulLeads();
    for (const [service, port] of [
      ["catalog", 17_101],
      ["catalog", 17_102],
      ["orders", 17_201],
      ["orders", 17_202],
      ["echo", 17_301],
    ] as const)
      setup.startDemo(service, port);
    routing = setup.startRouting(0);
    await ready(ports.routingAdmin[0]);
    setup.startSecurity();
    await ready(ports.securityAdmin);
    await consulKnows("catalog", 2);
    await consulKnows("orders", 2);
    await consulKnows("echo", 1);
    await until("the gateway answers", async () => (await ask(`${publicUrl}/catalog/items`)).status === 200, {
      within: 10_000,
    });
  });
  after(async () => {
    await setup.close();
    await collector.close();
  });

  curlList(publicUrl);

  test("both instances of a service take part", async () => {
    assert.deepEqual(await instancesSeen("/catalog/items", 20), new Set(["catalog-17101", "catalog-17102"]));
  });

  test("register, critical and deregister are followed in less than 500 ms", async (t) => {
    setup.startDemo("catalog", 17_103, false);
    await until("the third catalog answers", async () => (await ask("http://127.0.0.1:17103/health")).status === 200, {
      within: 10_000,
    });
    const limit = { within: 500, every: 5 };
    await tellConsul("service/register", {
      ID: "third",
      Name: "catalog",
      Address: "127.0.0.1",
      Port: 17_103,
      Check: { CheckID: "third", TTL: "60s", Status: "passing" },
    });
    const seen = async () => (await instancesSeen("/catalog/items", 4)).has("catalog-17103");
    const registered = await until("the registered instance serves", seen, limit);
    await tellConsul("check/fail/third");
    const critical = await until("the critical instance serves no more", async () => !(await seen()), limit);
    await tellConsul("check/pass/third");
    const passing = await until("the passing instance serves again", seen, limit);
    await tellConsul("service/deregister/third");
    const deregistered = await until("the deregistered instance serves no more", async () => !(await seen()), limit);
    const shown = { registered, critical, passing, deregistered };
    for (const [what, ms] of Object.entries(shown)) t.diagnostic(`${what}: ${ms.toFixed(0)} ms`);
  });

  test("a service without a healthy instance is 503, and comes back with its instance", async () => {
    const service = (await ask(`${consulUrl}/v1/agent/services`)).json;
    const [id] = Object.entries<any>(service).find(([, { Service }]) => Service === "echo")!;
    await tellConsul(`service/maintenance/${encodeURIComponent(id)}?enable=true`);
    await until("the answer is 503", async () => (await ask(`${publicUrl}/echo/x`)).status === 503, { within: 2_000 });
    const answer = await ask(`${publicUrl}/echo/x`);
    assert.equal(answer.json.type, "urn:tandem:problem:upstream.no-instance");
    await tellConsul(`service/maintenance/${encodeURIComponent(id)}?enable=false`);
    await until("echo is back", async () => (await ask(`${publicUrl}/echo/x`)).status === 200, { within: 5_000 });
  });

  test("an instance that is too slow is 504", async () => {
    const answer = await ask(`${publicUrl}/echo/slow?ms=3000`);
    assert.equal(answer.status, 504);
    assert.equal(answer.json.type, "urn:tandem:problem:upstream.timeout");
  });

  test("one request is one trace over both tiers and the service, at an OTLP receiver", async () => {
    const token = await tokenOf(publicUrl, "demo-app", "demo-secret");
    const answer = await ask(`${publicUrl}/orders`, { headers: bearer(token) });
    const traceId = String(answer.headers["traceresponse"]).split("-")[1];
    const spans = () => collector.spans.filter((span) => span.traceId === traceId);
    await until(
      "three services have told of it",
      () => new Set(spans().map(({ resource }) => resource["service.name"])).size === 3,
      {
        within: 10_000,
      },
    );
    const ids = new Set(spans().map(({ spanId }) => spanId));
    const roots = spans().filter(({ parentSpanId }) => !parentSpanId || !ids.has(parentSpanId));
    assert.equal(roots.length, 1);
    assert.equal(roots[0]!.resource["service.name"], "security-gateway");
  });

  test("a routing gateway that joins gets traffic, and one that leaves takes no request with it", async (t) => {
    const load = startLoad(t, `${publicUrl}/catalog/items`);
    const second = setup.startRouting(1);
    await ready(ports.routingAdmin[1]);
    const joined = await until(
      "the second routing gateway serves",
      async () => (await requestsOf(ports.routingAdmin[1])) > 0,
      { within: 1_000 },
    );
    t.diagnostic(`traffic ${joined.toFixed(0)} ms after it was ready`);
    assert.equal(await second.end("SIGTERM"), 0);
    const { asked, failures } = await load.stop();
    assert.ok(asked > 20);
    assert.deepEqual(failures, []);
    await consulKnows("routing-gateway", 1);
  });

  test("the routing tier shakes hands with nobody without the certificate, and believes nobody without an assertion", async () => {
    await assert.rejects(direct({}));
    const file = (name: string) => readFileSync(join(setup.folder, name));
    const tls = { cert: file("security/client.crt"), key: file("security/client.key"), ca: file("public/ca.crt") };
    const answer = await direct(tls);
    assert.equal(answer.status, 401);
    assert.equal(answer.type, "urn:tandem:problem:assertion.missing");
  });

  test("guessing a client's secret is slowed down", async () => {
    const guess = () =>
      ask(`${publicUrl}/oauth/token`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=client_credentials&client_id=demo-viewer&client_secret=wrong",
      });
    await until("the guesses are refused with 429", async () => (await guess()).status === 429, { within: 5_000 });
    assert.ok((await guess()).headers["retry-after"]);
    assert.ok(await tokenOf(publicUrl, "demo-app", "demo-secret"), "another client is not held up");
  });

  test("tokens are issued while Redis is gone", async () => {
    await redis.end("SIGKILL");
    assert.ok(await tokenOf(publicUrl, "demo-app", "demo-secret"));
    redis = setup.startRedis();
    assert.ok(await tokenOf(publicUrl, "demo-app", "demo-secret"));
  });

  test("Consul may die and come back empty: traffic goes on, and everybody registers again", async (t) => {
    const load = startLoad(t, `${publicUrl}/catalog/items`);
    await consul.end("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    consul = setup.startConsul();
    await consulLeads();
    await consulKnows("catalog", 2, 30_000);
    await consulKnows("routing-gateway", 1, 30_000);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { asked, failures } = await load.stop();
    assert.ok(asked > 100);
    assert.deepEqual(failures, []);
  });

  test("Consul may hang: traffic goes on", async (t) => {
    consul.child.kill("SIGSTOP");
    const load = startLoad(t, `${publicUrl}/catalog/items`);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    consul.child.kill("SIGCONT");
    const { failures } = await load.stop();
    assert.deepEqual(failures, []);
  });

  test("the line to Consul may be cut: traffic goes on, and news arrive when it is mended", async (t) => {
    const isDegraded = async () => /"degraded":/.test(await pools());
    await until("all is well before", async () => !(await isDegraded()), { within: 30_000 });
    const load = startLoad(t, `${publicUrl}/catalog/items`);
    setup.line.cut();
    await tellConsul("service/register", {
      ID: "late",
      Name: "catalog",
      Address: "127.0.0.1",
      Port: 17_103,
      Check: { CheckID: "late", TTL: "60s", Status: "passing" },
    });
    const noticed = await until("the routing gateway has noticed", isDegraded, { within: 30_000 });
    const seen = async () => (await instancesSeen("/catalog/items", 4)).has("catalog-17103");
    assert.equal(await seen(), false);
    setup.line.mend();
    const arrived = await until("the news have arrived", seen, { within: 5_000, every: 5 });
    await tellConsul("service/deregister/late");
    await until("they go on arriving", async () => !(await seen()), { within: 5_000 });
    const { asked, failures } = await load.stop();
    assert.ok(asked > 100);
    assert.deepEqual(failures, []);
    t.diagnostic(`noticed after ${noticed.toFixed(0)} ms, news ${arrived.toFixed(0)} ms after it was mended`);
  });

  // The last of all: nobody starts this Consul again.
  test("a routing gateway that starts while Consul is gone serves what it knew before", async (t) => {
    const written = () => readdirSync(snapshots).map((name) => readFileSync(join(snapshots, name), "utf8"));
    const snapshots = join(setup.folder, "snapshots-0");
    await until("the disk knows who is gone", () => !written().some((text) => text.includes("17103")), {
      within: 15_000,
    });
    await consul.end("SIGKILL");
    await routing.end("SIGKILL");
    assert.notEqual((await ask(`${publicUrl}/catalog/items`)).status, 200);
    setup.startRouting(0);
    await ready(ports.routingAdmin[0]);
    const serves = async () => (await ask(`${publicUrl}/catalog/items`)).status === 200;
    const took = await until("it serves", serves, { within: 10_000 });
    assert.match(await pools(), /"remembered":\{"ageMs":\d+\}/);
    assert.deepEqual(await instancesSeen("/catalog/items", 20), new Set(["catalog-17101", "catalog-17102"]));
    t.diagnostic(`${took.toFixed(0)} ms after it was ready`);
  });

  /** What the routing gateway knows of its instances, and on what evidence. */
  async function pools(): Promise<string> {
    const token = readFileSync(join(setup.folder, "routing/admin-token"), "utf8").trim();
    return (await ask(`http://127.0.0.1:${ports.routingAdmin[0]}/pools`, { headers: bearer(token) })).text;
  }
});
