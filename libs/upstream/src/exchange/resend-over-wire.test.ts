import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { request } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { z } from "zod";
import { roundRobin } from "../balance/round-robin.ts";
import { breakerSchema } from "../breaker/config.ts";
import { createDispatcher } from "../connections/dispatcher.ts";
import { staticDiscovery } from "../discovery/static-discovery.ts";
import { healthSchema } from "../health/config.ts";
import { poolFields } from "../pool/config.ts";
import type { Instance } from "../pool/instance.ts";
import { createPool, type Pool } from "../pool/pool.ts";
import { rulesOf } from "../pool/rules.ts";
import { deadOrigin, gatewayTo, hopTo, instanceAt, rawUpstream, upstream } from "./testing.ts";

/** Answers the first request on a connection and resets the connection at the second one, as a service that was closing it does. */
async function wearing(t: TestContext): Promise<{ instance: Instance; asked: string[] }> {
  const asked: string[] = [];
  const origin = await rawUpstream(t, (socket, bytes, earlier) => {
    asked.push(bytes.slice(0, bytes.indexOf(" ")));
    if (earlier > 0) socket.resetAndDestroy();
    else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nworn");
  });
  return { instance: instanceAt(t, origin, { connections: 1 }), asked };
}

const schema = z.strictObject({ health: healthSchema, breaker: breakerSchema, ...poolFields });

function poolOf(t: TestContext, origin: string, rules: z.input<typeof schema>): Pool {
  const pool = createPool({
    name: "orders",
    discovery: staticDiscovery([{ id: "a", origin, weight: 1 }]),
    balance: roundRobin(),
    dispatcherFor: (to) => createDispatcher(to, { connections: 1 }),
    rules: rulesOf(schema.parse(rules)),
  });
  // What a test begins without a request never ends: nobody waits for this pool to close.
  t.after(() => void pool.close());
  return pool;
}

const cases: { name: string; method: string; body?: string; status: number; attempts: number }[] = [
  { name: "a GET", method: "GET", status: 200, attempts: 2 },
  { name: "a HEAD", method: "HEAD", status: 200, attempts: 2 },
  { name: "a DELETE", method: "DELETE", status: 200, attempts: 2 },
  { name: "a POST", method: "POST", status: 502, attempts: 1 },
  { name: "a PUT with a body", method: "PUT", body: "x", status: 502, attempts: 1 },
];

for (const { name, method, body, status, attempts } of cases)
  test(`${name} on a worn connection is sent ${attempts === 2 ? "once more, to another instance" : "once"}`, async (t) => {
    const { instance, asked } = await wearing(t);
    const other = instanceAt(t, await upstream(t, (_, response) => response.end("other")));
    const { gateway, records } = gatewayTo(hopTo([instance, other]));
    assert.equal((await request(t, gateway)).text, "worn");
    const answer = await request(t, gateway, { method, ...(body && { body }) });
    assert.equal(answer.status, status);
    await until("the record", () => records.length === 2);
    const made = records[1]?.attempts ?? [];
    assert.equal(made.length, attempts);
    assert.deepEqual([made[0]?.instance, made[0]?.outcome], [instance.id, "reset"]);
    if (attempts === 2) assert.deepEqual([made[1]?.instance, made[1]?.outcome], [other.id, "answered"]);
    assert.notEqual(made[0]?.spanId, made[1]?.spanId);
    assert.deepEqual(asked, ["GET", method]);
    assert.deepEqual([instance.inFlight, other.inFlight], [0, 0]);
  });

test("the only instance is asked once more, over a fresh connection", async (t) => {
  const { instance, asked } = await wearing(t);
  const { gateway, records } = gatewayTo(hopTo([instance]));
  assert.equal((await request(t, gateway)).text, "worn");
  assert.equal((await request(t, gateway)).text, "worn");
  assert.deepEqual(asked, ["GET", "GET", "GET"]);
  assert.deepEqual(
    records[1]?.attempts.map(({ outcome }) => outcome),
    ["reset", "answered"],
  );
});

test("a fresh connection that breaks is the request's own doing", async (t) => {
  let asked = 0;
  const origin = await rawUpstream(t, (socket) => {
    asked++;
    socket.resetAndDestroy();
  });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin), instanceAt(t, origin)]));
  assert.equal((await request(t, gateway)).status, 502);
  assert.equal(asked, 1);
});

test("half a status line is an answer that has begun", async (t) => {
  let asked = 0;
  const origin = await rawUpstream(t, (socket, _, earlier) => {
    asked++;
    if (earlier > 0) socket.end("HTT");
    else socket.write("HTTP/1.1 204 No Content\r\n\r\n");
  });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin, { connections: 1 })]));
  assert.equal((await request(t, gateway)).status, 204);
  assert.equal((await request(t, gateway)).status, 502);
  assert.equal(asked, 2);
});

test("an upload that nobody took goes to another instance, whole", async (t) => {
  const dead = instanceAt(t, await deadOrigin());
  const origin = await upstream(t, async (asked, response) => response.end(Buffer.concat(await asked.toArray())));
  const alive = instanceAt(t, origin);
  const { gateway, records } = gatewayTo(hopTo([dead, alive]));
  const body = "x".repeat(300_000);
  const answer = await request(t, gateway, { method: "POST", body });
  assert.equal(answer.status, 200);
  assert.ok(answer.text === body);
  assert.deepEqual(
    records[0]?.attempts.map(({ outcome }) => outcome),
    ["refused", "answered"],
  );
  assert.deepEqual([dead.inFlight, alive.inFlight], [0, 0]);
});

test("two instances that refuse are enough", async (t) => {
  const dead = await deadOrigin();
  const instances = [instanceAt(t, dead), instanceAt(t, dead), instanceAt(t, dead)];
  const { gateway, records } = gatewayTo(hopTo(instances));
  const { json } = await request(t, gateway);
  assert.equal(json.type, "urn:tandem:problem:upstream.refused");
  assert.equal(records[0]?.attempts.length, 2);
});

test("connections that their pool has closed count as refused", async (t) => {
  const origin = await upstream(t, (_, response) => response.end("ok"));
  const closed = instanceAt(t, origin);
  await closed.dispatcher.close();
  const { gateway, records } = gatewayTo(hopTo([closed, instanceAt(t, origin)]));
  assert.equal((await request(t, gateway)).text, "ok");
  assert.deepEqual(
    records[0]?.attempts.map(({ outcome }) => outcome),
    ["refused", "answered"],
  );
});

for (const { name, rules, withheld } of [
  {
    name: "whose breaker has just opened",
    rules: { breaker: { minRequests: 2, failures: 0.5 } },
    withheld: "breaker-open",
  },
  { name: "that has its limit", rules: { limit: { requests: 1 } }, withheld: "overloaded" },
] as const)
  test(`the only instance is not asked once more by a service ${name}`, async (t) => {
    let requests = 0;
    const origin = await rawUpstream(t, (socket, _, earlier) => {
      requests++;
      if (earlier === 0) {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nworn");
        return;
      }
      // Somebody else has the place by the time that this one is given up.
      if (withheld === "overloaded") pool.instances[0]?.begin();
      socket.resetAndDestroy();
    });
    const pool = poolOf(t, origin, rules);
    await pool.ready;
    const { gateway, records } = gatewayTo({ ...hopTo([]), pool });
    assert.equal((await request(t, gateway)).text, "worn");
    assert.equal((await request(t, gateway)).status, 502);
    assert.equal(requests, 2);
    await until("the record", () => records.length === 2);
    assert.deepEqual(
      records[1]?.attempts.map(({ outcome, withheld: why }) => [outcome, why]),
      [["reset", withheld]],
    );
  });
