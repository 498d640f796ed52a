import assert from "node:assert/strict";
import { constants } from "node:http2";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { ask, listening, serverMaterial, session } from "./testing.ts";

const tls = serverMaterial;
const get = { ":path": "/", ":authority": "a.test" };
const never: Stage = { name: "never", run: (exchange) => exchange.act("nothing", () => {}) };
const reader: Stage = {
  name: "reader",
  run: (exchange) => exchange.act("read", () => void exchange.request.body?.on("data", () => {})),
};

test("requests share a session, and each one has a record", async (t) => {
  const { port, listener, recorded } = await listening(t, { tls });
  const client = session(t, port);
  const answers = await Promise.all([ask(client, get), ask(client, { ...get, ":method": "POST" }, "body")]);
  assert.deepEqual(
    answers.map(({ status, json }) => [status, json.method]),
    [
      [200, "GET"],
      [200, "POST"],
    ],
  );
  const records = await recorded(2);
  assert.ok(
    records.every(
      ({ protocol, ending, peer }) => protocol === "2" && ending === "answered" && peer?.tls?.alpn === "h2",
    ),
  );
  assert.equal(listener.stats.accepted, 1);
});

for (const { name, headers, status, code } of [
  {
    name: "a head of too many bytes",
    headers: { ...get, a: "x".repeat(1100) },
    status: 431,
    code: "request.head-too-large",
  },
  {
    name: "a path of too many bytes",
    headers: { ...get, ":path": `/${"x".repeat(1100)}` },
    status: 431,
    code: "request.head-too-large",
  },
  {
    name: "too many headers",
    headers: { ...get, ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`a${index}`, "b"])) },
    status: 431,
    code: "request.head-too-large",
  },
  { name: "CONNECT", headers: { ":method": "CONNECT", ":authority": "a:1" }, status: 501, code: "request.method" },
  {
    name: "an expectation nobody can meet",
    headers: { ...get, expect: "a miracle" },
    status: 417,
    code: "request.expectation",
  },
])
  test(`${name} is a ${status} with id and record, and the session goes on`, async (t) => {
    const { port, recorded } = await listening(t, { tls, listen: { limits: { head: "1KiB", headers: 8 } } });
    const client = session(t, port);
    const { status: given, json, fields } = await ask(client, { "user-agent": "probe/1", ...headers });
    assert.deepEqual([given, json.type], [status, `urn:tandem:problem:${code}`]);
    const [record] = await recorded(1);
    assert.deepEqual(
      [record?.id, record?.status, record?.error, record?.protocol],
      [json.requestId, status, code, "2"],
    );
    assert.equal(fields["x-request-id"], record?.id);
    assert.deepEqual([record?.userAgent, record?.target], ["probe/1", ":path" in headers ? headers[":path"] : ""]);
    assert.equal((await ask(client, get)).status, 200);
  });

test("as many headers as are allowed are allowed", async (t) => {
  const { port } = await listening(t, { tls, listen: { limits: { headers: 8 } } });
  const eight = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`a${index}`, "b"]));
  assert.equal((await ask(session(t, port), { ...get, ...eight })).status, 200);
});

test("a head beyond all measure is reset before it is anything", async (t) => {
  const { port } = await listening(t, { tls, listen: { limits: { head: "1KiB" } } });
  const client = session(t, port);
  await ask(client, get);
  const { code } = await ask(client, { ...get, a: "x".repeat(20_000) });
  assert.equal(code, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal((await ask(client, get)).status, 200);
});

test("a body that does not come in time is a 408, and whoever waits for it lets go", async (t) => {
  const told: string[] = [];
  const waiting: Stage = { name: "waiting", run: (exchange) => exchange.onLeave(() => told.push("left")) };
  const { port, recorded } = await listening(t, {
    tls,
    stages: [waiting, reader],
    listen: { limits: { headTimeout: "100ms", requestTimeout: "200ms" } },
  });
  const { status, json } = await ask(session(t, port), { ...get, ":method": "POST" }, null);
  assert.deepEqual([status, json.type], [408, "urn:tandem:problem:request.timeout"]);
  assert.deepEqual(told, ["left"]);
  const [record] = await recorded(1);
  assert.deepEqual([record?.error, record?.ending], ["request.timeout", "answered"]);
});

test("a stream on which nothing moves is let go", async (t) => {
  const { port, recorded } = await listening(t, { tls, stages: [never], listen: { limits: { idleTimeout: "150ms" } } });
  const { code } = await ask(session(t, port), get);
  assert.equal(code, constants.NGHTTP2_CANCEL);
  assert.equal((await recorded(1))[0]?.ending, "client-left");
});

for (const { name, limits, asks } of [
  { name: "a session that asks nothing", limits: { headTimeout: "150ms" }, asks: 0 },
  { name: "a session that asks no more", limits: { keepAlive: "150ms" }, asks: 1 },
])
  test(`${name} is closed, however often it pings`, async (t) => {
    const { port } = await listening(t, { tls, listen: { limits } });
    const client = session(t, port);
    for (let asked = 0; asked < asks; asked++) await ask(client, get);
    const pinging = setInterval(() => !client.destroyed && client.ping(() => {}), 20);
    t.after(() => clearInterval(pinging));
    const code = await goodbye(client);
    assert.equal(code, constants.NGHTTP2_NO_ERROR);
  });

test("a session carries only so many requests, and finishes them", async (t) => {
  const { port } = await listening(t, { tls, listen: { limits: { requestsPerConnection: 2 } } });
  const client = session(t, port);
  const leaving = goodbye(client);
  const answers = await Promise.all([ask(client, get), ask(client, get)]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  assert.equal(await leaving, constants.NGHTTP2_NO_ERROR);
});

test("a client that keeps taking its requests back is sent away, and others are not", async (t) => {
  const left: string[] = [];
  const slow: Stage = {
    name: "slow",
    run(exchange) {
      if (exchange.request.target === "/slow")
        return exchange.act("nothing", () => exchange.onLeave(() => left.push(exchange.id)));
    },
  };
  const { port, recorded } = await listening(t, { tls, stages: [slow, answer], listen: { limits: { resets: 20 } } });
  const bystander = session(t, port);
  await ask(bystander, get);
  const client = session(t, port);
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  const leaving = goodbye(client);
  for (let sent = 0; sent < 60; sent++) {
    if (client.destroyed) break;
    const stream = client.request({ ...get, ":path": "/slow" });
    stream.on("error", () => {});
    await delay(3);
    stream.close(constants.NGHTTP2_CANCEL);
  }
  assert.equal(await leaving, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  await recorded(21);
  await delay(20);
  const [first, ...taken] = await recorded(21);
  assert.equal(first?.ending, "answered");
  assert.ok(taken.length >= 20 && taken.length <= 60, String(taken.length));
  assert.ok(taken.every(({ ending }) => ending === "client-left"));
  assert.equal(left.length, taken.length);
  assert.equal((await ask(bystander, get)).status, 200);
});

test("answers that we break off ourselves are not held against the client", async (t) => {
  const breaking: Stage = {
    name: "breaking",
    run: (exchange) =>
      exchange.act("break off", () => {
        exchange.reply.start(200, []);
        exchange.reply.write(Buffer.from("begun"));
        exchange.fail(new Error("the upstream broke off"));
      }),
  };
  const { port, recorded } = await listening(t, { tls, stages: [breaking], listen: { limits: { resets: 10 } } });
  const client = session(t, port);
  for (let sent = 0; sent < 15; sent++) assert.equal((await ask(client, get)).code, constants.NGHTTP2_INTERNAL_ERROR);
  assert.equal(client.destroyed, false);
  assert.ok((await recorded(15)).every(({ ending }) => ending === "broken-off"));
});

test("a flood of pings is sent away", async (t) => {
  const { port } = await listening(t, { tls });
  const client = session(t, port);
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  const leaving = goodbye(client);
  for (let round = 0; round < 300 && !client.destroyed; round++) {
    for (let sent = 0; sent < 8 && !client.destroyed; sent++) client.ping(() => {});
    await delay(1);
  }
  assert.equal(await leaving, constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test("a session may have only so many requests at a time, and no push", async (t) => {
  const { port } = await listening(t, { tls, stages: [answer], listen: { limits: { streams: 7 } } });
  const client = session(t, port);
  await ask(client, get);
  assert.equal(client.remoteSettings.maxConcurrentStreams, 7);
  assert.equal(client.remoteSettings.enableConnectProtocol, false);
});

test("an answer before the body was read asks the client to stop, and the session goes on", async (t) => {
  const { port, recorded } = await listening(t, { tls });
  const client = session(t, port);
  const { status, code } = await ask(client, { ...get, ":method": "POST" }, null);
  assert.deepEqual([status, code], [200, constants.NGHTTP2_NO_ERROR]);
  assert.equal((await recorded(1))[0]?.ending, "answered");
  assert.equal((await ask(client, get)).status, 200);
});

/** The code of the GOAWAY with which the other end leaves, once it has left. */
function goodbye(client: ReturnType<typeof session>): Promise<number | undefined> {
  let code: number | undefined;
  client.on("goaway", (given) => (code = given));
  return new Promise((resolve) => client.once("close", () => resolve(code)));
}
