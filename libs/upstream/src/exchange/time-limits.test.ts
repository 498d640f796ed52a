import assert from "node:assert/strict";
import { once } from "node:events";
import { request as send, type IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";
import type { Expired } from "@tandem/contracts/upstream";
import { request, serve } from "@tandem/kernel/testing";
import { ask, until } from "@tandem/platform/testing";
import { gatewayTo, hopTo, instanceAt, persisting, rawUpstream, upstream } from "./testing.ts";

const silent = (t: TestContext): Promise<string> => rawUpstream(t, () => {});

/** One that goes on and on, so that no silence is ever long. */
const dripping = (t: TestContext): Promise<string> =>
  upstream(t, (_, response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    const drip = setInterval(() => response.write("."), 5);
    response.once("close", () => clearInterval(drip));
  });

interface Case {
  readonly name: string;
  readonly origin: (t: TestContext) => Promise<string>;
  readonly times: { firstByte?: number; idle?: number; tryTimeout?: string; totalTimeout?: string };
  readonly expired: Expired;
  readonly detail?: string;
}

const cases: Case[] = [
  {
    name: "no first byte",
    origin: silent,
    times: { firstByte: 60 },
    expired: "first-byte",
    detail: "No answer began in time.",
  },
  {
    name: "no answer to a try",
    origin: silent,
    times: { tryTimeout: "60ms" },
    expired: "try",
    detail: "No attempt was answered in time.",
  },
  {
    name: "no answer in all",
    origin: silent,
    times: { totalTimeout: "60ms" },
    expired: "total",
    detail: "The request as a whole took too long.",
  },
  {
    name: "the total before the try",
    origin: silent,
    times: { tryTimeout: "60ms", totalTimeout: "60ms" },
    expired: "total",
  },
  {
    // Long enough for the answer to have begun, whatever else the machine does.
    name: "an answer that never ends, within its try",
    origin: dripping,
    times: { tryTimeout: "1500ms" },
    expired: "try",
  },
  {
    name: "an answer that never ends, in all",
    origin: dripping,
    times: { totalTimeout: "1500ms" },
    expired: "total",
  },
  {
    name: "an answer that stops",
    origin: (t) => upstream(t, (_, response) => void response.write("half")),
    times: { idle: 60 },
    expired: "idle",
  },
];

for (const { name, origin, times, expired, detail } of cases)
  test(`${name} is upstream.timeout, and the record says ${expired}`, async (t) => {
    const instance = instanceAt(t, await origin(t));
    const { firstByte = 5_000, idle = 5_000, ...limits } = times;
    const { gateway, records } = gatewayTo(hopTo([instance], { firstByte, idle, resilience: persisting(limits) }));
    const answer = await ask(await serve(t, gateway), "/").catch(() => undefined);
    await until("the record", () => records.length === 1);
    const [record] = records;
    assert.deepEqual([record?.error, record?.attempts[0]?.outcome], ["upstream.timeout", "timeout"]);
    assert.equal(record?.attempts[0]?.expired, expired);
    assert.equal(record?.ending, origin === silent ? "answered" : "broken-off");
    if (detail) assert.deepEqual([answer?.status, answer?.json.detail], [504, detail]);
    assert.equal(instance.inFlight, 0);
  });

test("a try that takes too long makes place for another, but not beyond the time for all", async (t) => {
  const instances = await Promise.all([silent(t), silent(t), silent(t)]);
  const resilience = persisting({ tryTimeout: "1s", totalTimeout: "1900ms", retry: { attempts: 5, on: ["timeout"] } });
  const hop = hopTo(
    instances.map((origin) => instanceAt(t, origin)),
    { resilience },
  );
  const { gateway, records } = gatewayTo(hop);
  const { json } = await request(t, gateway);
  assert.equal(json.detail, "The request as a whole took too long.");
  assert.deepEqual(
    records[0]?.attempts.map((one) => one.expired),
    ["try", "total"],
  );
});

test("who would have to wait beyond the time for all is told at once what went wrong", async (t) => {
  const origin = await upstream(t, (_, response) => response.writeHead(503, { "retry-after": "60" }).end("no"));
  const instances = [instanceAt(t, origin), instanceAt(t, origin)];
  const retry = { on: [503 as const], backOff: { most: "1m" } };
  const hop = hopTo(instances, { resilience: persisting({ totalTimeout: "30s", retry }) });
  const { gateway, records } = gatewayTo(hop);
  assert.equal((await request(t, gateway)).text, "no");
  assert.equal(records[0]?.attempts[0]?.withheld, "deadline");
});

test("a body that is still on its way when the time for all is over is waited for no longer", async (t) => {
  let asked = 0;
  const origin = await upstream(t, () => void asked++);
  const { gateway, records } = gatewayTo(
    hopTo([instanceAt(t, origin)], { resilience: persisting({ totalTimeout: "60ms" }) }),
  );
  const headers = { "content-length": "9" };
  const sent = send({ host: "127.0.0.1", port: await serve(t, gateway), method: "PUT", headers, agent: false });
  sent.on("error", () => {});
  sent.write("half");
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  assert.equal(answer.statusCode, 504);
  sent.destroy();
  await until("the record", () => records.length === 1);
  assert.deepEqual([asked, records[0]?.attempts], [0, []]);
});

const told: { name: string; limits: object; expected: (ms: number) => boolean }[] = [
  { name: "nothing without a limit", limits: {}, expected: Number.isNaN },
  { name: "of a try", limits: { tryTimeout: "10s" }, expected: (ms) => ms === 10_000 },
  { name: "of all of it", limits: { totalTimeout: "10s" }, expected: (ms) => ms > 5_000 && ms <= 10_000 },
  {
    name: "of whichever ends first",
    limits: { tryTimeout: "2s", totalTimeout: "10s" },
    expected: (ms) => ms === 2_000,
  },
];
for (const { name, limits, expected } of told)
  test(`a service is told the time that is left: ${name}`, async (t) => {
    const origin = await upstream(t, ({ headers }, response) => response.end(String(headers["tandem-timeout-ms"])));
    const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)], { resilience: persisting(limits) }));
    const { text } = await request(t, gateway, { headers: { "tandem-timeout-ms": "99" } });
    assert.ok(expected(Number(text)), text);
  });

test("a retry is told of less time than the try before it", async (t) => {
  const left: number[] = [];
  const origin = await upstream(t, ({ headers }, response) => {
    left.push(Number(headers["tandem-timeout-ms"]));
    setTimeout(() => response.writeHead(left.length === 1 ? 503 : 200).end(), 30);
  });
  const instances = [instanceAt(t, origin), instanceAt(t, origin)];
  const resilience = persisting({ totalTimeout: "10s", retry: { on: [503] } });
  assert.equal((await request(t, gatewayTo(hopTo(instances, { resilience })).gateway)).status, 200);
  assert.ok(left.length === 2 && left[1]! < left[0]!, left.join(" "));
});
