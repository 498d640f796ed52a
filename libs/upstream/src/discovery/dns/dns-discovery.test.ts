import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Endpoint } from "@tandem/contracts/upstream";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { until } from "@tandem/platform/testing";
import type { Answer, DecodedPacket } from "dns-packet";
import { consulAgent } from "../testing.ts";
import type { DnsOptions } from "./config.ts";
import { dnsDiscovery } from "./dns-discovery.ts";
import { address, answerTo, nameServer, type Says } from "./name-server.testing.ts";
import type { NameServer } from "./name-server.ts";
import { createResolver } from "./resolver.ts";

const base = {
  discovery: "dns",
  scheme: "http",
  family: "both",
  minTtl: 100,
  maxTtl: 300_000,
  emptyGrace: 400,
} as const;
const byAddress: DnsOptions = { ...base, type: "a", name: "orders.internal", port: 8080 };
const bySrv: DnsOptions = { ...base, type: "srv", name: "_orders._tcp.internal" };

function follow(t: TestContext, server: NameServer & { readonly timeout?: number }, options: DnsOptions) {
  const { timeout = 5_000 } = server;
  const lists: (readonly Endpoint[])[] = [];
  const resolver = createResolver({ servers: [server], timeout, rounds: 1 });
  const discovery = dnsDiscovery({ ...options, servers: [server] }, { logger: silentLogger, resolver });
  const watch = discovery.watch("orders", (list) => lists.push(list));
  t.after(() => watch.close());
  return {
    lists,
    watch,
    now: () =>
      lists
        .at(-1)
        ?.map(({ id, weight }) => `${id}×${weight}`)
        .toSorted()
        .join(" ") ?? "nothing",
  };
}

/** Answers from a zone; a question for which it has nothing gets nothing. */
const zone =
  (records: readonly Answer[]): Says =>
  (question) => {
    const [asked] = question.questions ?? [];
    return [
      answerTo(question, { answers: records.filter(({ name, type }) => name === asked?.name && type === asked?.type) }),
    ];
  };
const srv = (target: string, port: number, more: { priority?: number; weight?: number } = {}): Answer => ({
  type: "SRV",
  name: bySrv.name,
  ttl: 60,
  data: { priority: 1, weight: 1, ...more, target, port },
});
const isFor = (question: DecodedPacket, type: string): boolean => question.questions?.[0]?.type === type;

test("addresses of both families are instances at the port that the file says", async (t) => {
  const server = await nameServer(t, zone([address(byAddress.name, "10.0.0.1"), address(byAddress.name, "fd00::1")]));
  const seen = follow(t, server, byAddress);
  await until("both are told", () => seen.now() === "10.0.0.1:8080×1 [fd00::1]:8080×1");
  const { ttlMs, server: by } = seen.watch.evidence() as { ttlMs?: number; server?: string };
  assert.ok(ttlMs !== undefined && ttlMs > 50_000 && ttlMs <= 60_000, String(ttlMs));
  assert.equal(by, `127.0.0.1:${server.port}`);
});

test("one family can be enough", async (t) => {
  const server = await nameServer(t, zone([address(byAddress.name, "10.0.0.1"), address(byAddress.name, "fd00::1")]));
  const seen = follow(t, server, { ...byAddress, family: "ipv4" });
  await until("it is told", () => seen.now() === "10.0.0.1:8080×1");
  assert.deepEqual(server.asked, [`A ${byAddress.name} udp`]);
});

const srvCases: { name: string; records: Answer[]; expected: string }[] = [
  {
    name: "ports and weights stand in the records",
    records: [
      srv("a.internal", 1, { weight: 3 }),
      srv("b.internal", 2),
      address("a.internal", "10.0.0.1"),
      address("b.internal", "10.0.0.2"),
    ],
    expected: "10.0.0.1:1×3 10.0.0.2:2×1",
  },
  {
    name: "a worse priority waits",
    records: [
      srv("a.internal", 1),
      srv("b.internal", 2, { priority: 2 }),
      address("a.internal", "10.0.0.1"),
      address("b.internal", "10.0.0.2"),
    ],
    expected: "10.0.0.1:1×1",
  },
  {
    name: "until the better one leads nowhere",
    records: [srv("a.internal", 1), srv("b.internal", 2, { priority: 2 }), address("b.internal", "10.0.0.2")],
    expected: "10.0.0.2:2×1",
  },
  {
    name: "weights are scaled, and none is nothing",
    records: [
      srv("a.internal", 1, { weight: 60_000 }),
      srv("a.internal", 2, { weight: 30_000 }),
      srv("a.internal", 3, { weight: 0 }),
      address("a.internal", "10.0.0.1"),
    ],
    expected: "10.0.0.1:1×100 10.0.0.1:2×50 10.0.0.1:3×1",
  },
  {
    name: "a port of nothing is nobody's",
    records: [srv("a.internal", 0), srv("a.internal", 5), address("a.internal", "10.0.0.1")],
    expected: "10.0.0.1:5×1",
  },
  { name: "a dot as the target says that there is none", records: [srv(".", 0)], expected: "" },
];
for (const { name, records, expected } of srvCases)
  test(`SRV: ${name}`, async (t) => {
    const seen = follow(t, await nameServer(t, zone(records)), bySrv);
    await until(expected, () => seen.now() === expected);
  });

test("addresses that come along are not asked for", async (t) => {
  const server = await nameServer(t, (question) => [
    answerTo(question, {
      answers: [srv("a.internal", 1)],
      additionals: [address("a.internal", "10.0.0.1"), address("b.internal", "6.6.6.6")],
    }),
  ]);
  const seen = follow(t, server, bySrv);
  await until("it is told", () => seen.now() === "10.0.0.1:1×1");
  assert.deepEqual(server.asked, [`SRV ${bySrv.name} udp`]);
});

test("an answer is asked for again when it has run out, and not before", async (t) => {
  const times: number[] = [];
  const says = zone([address(byAddress.name, "10.0.0.1", 1)]);
  const server = await nameServer(t, (question, over) => {
    times.push(performance.now());
    return says(question, over);
  });
  const seen = follow(t, server, { ...byAddress, family: "ipv4" });
  await until("it is asked again", () => times.length === 2);
  const [first = 0, second = 0] = times;
  assert.ok(second - first >= 999, `after ${second - first} ms`);
  server.says = zone([address(byAddress.name, "10.0.0.2", 1)]);
  await until("the change is told", () => seen.now() === "10.0.0.2:8080×1");
});

test("a server that fails, hangs or talks nonsense costs nobody, and is followed again", async (t) => {
  const well = zone([address(byAddress.name, "10.0.0.1", 0), address(byAddress.name, "10.0.0.2", 0)]);
  const server = await nameServer(t, well);
  const seen = follow(t, { ...server, timeout: 300 }, byAddress);
  const both = "10.0.0.1:8080×1 10.0.0.2:8080×1";
  await until("both are told", () => seen.now() === both);
  const failing: [Says, RegExp][] = [
    [(question) => [answerTo(question, { code: 2 })], /SERVFAIL/],
    [() => [], /no answer within/],
    [() => [Buffer.from("nonsense, and too long for a header")], /no answer within/],
  ];
  for (const [says, why] of failing) {
    server.says = says;
    await until(String(why), () => why.test(seen.watch.evidence().degraded ?? ""));
    assert.equal(seen.now(), both);
  }
  server.says = zone([address(byAddress.name, "10.0.0.3", 0)]);
  await until("it is followed again", () => seen.now() === "10.0.0.3:8080×1");
  assert.equal(seen.watch.evidence().degraded, undefined);
});

test("one family that cannot be asked keeps its addresses, while the other is followed", async (t) => {
  const server = await nameServer(
    t,
    zone([address(byAddress.name, "10.0.0.1", 0), address(byAddress.name, "fd00::1", 0)]),
  );
  const seen = follow(t, server, byAddress);
  await until("both are told", () => seen.lists.length === 1);
  server.says = (question) =>
    isFor(question, "AAAA")
      ? [answerTo(question, { code: 2 })]
      : zone([address(byAddress.name, "10.0.0.2", 0)])(question, "udp");
  await until("the other is followed", () => seen.now() === "10.0.0.2:8080×1 [fd00::1]:8080×1");
  assert.match(seen.watch.evidence().degraded ?? "", /SERVFAIL/);
});

test("an answer that there is nobody is doubted for a while, and then believed", async (t) => {
  const server = await nameServer(t, zone([address(byAddress.name, "10.0.0.1", 0)]));
  const seen = follow(t, server, { ...byAddress, emptyGrace: 2_000 });
  await until("it is told", () => seen.lists.length === 1);
  server.says = (question) => [answerTo(question, { code: 3 })];
  await until("it is doubted", () => /no instance/.test(seen.watch.evidence().degraded ?? ""));
  assert.equal(seen.now(), "10.0.0.1:8080×1");
  await until("it is believed", () => seen.now() === "");
  assert.equal(seen.watch.evidence().degraded, undefined);
});

test("from the first, nobody is nobody", async (t) => {
  const seen = follow(t, await nameServer(t, (question) => [answerTo(question, { code: 3 })]), bySrv);
  await until("it is told", () => seen.now() === "");
});

test("Consul’s DNS: addresses, times that hold, more than a datagram takes, and an outage", async (t) => {
  const agent = await consulAgent(t, { hcl: `dns_config { service_ttl { "*" = "2s" } enable_truncate = true }` });
  if (!agent) return;
  for (let at = 0; at < 60; at++)
    await agent.register({ name: "orders", id: `o${at}`, port: 7000 + at, address: `10.1.2.${at}`, weight: 2 });
  const seen = follow(t, { ...agent.dns, timeout: 1_000 }, { ...bySrv, name: "orders.service.consul" });
  await until("all sixty came, which takes TCP", () => seen.lists.at(-1)?.length === 60);
  assert.ok(seen.lists.at(-1)?.every(({ weight }) => weight === 2));
  const { ttlMs = Number.NaN } = seen.watch.evidence() as { ttlMs?: number };
  assert.ok(ttlMs <= 2_000, String(ttlMs));
  const addresses = follow(t, agent.dns, { ...byAddress, name: "orders.service.consul" });
  await until("addresses too", () => addresses.lists.at(-1)?.length === 60);
  agent.freeze();
  await until("the silence is noticed", () => /no answer/.test(seen.watch.evidence().degraded ?? ""));
  assert.equal(seen.lists.at(-1)?.length, 60);
  agent.thaw();
  await until("it answers again", () => seen.watch.evidence().degraded === undefined, { within: 15_000 });
});
