import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { serve } from "@tandem/kernel/testing";
import type { Stage } from "@tandem/kernel/stage";
import { until } from "@tandem/platform/testing";
import { WebSocket, WebSocketServer } from "ws";
import { instanceAt } from "../exchange/testing.ts";
import { upgradesTo } from "./testing.ts";

/** A service that sends back what it gets, and tells how it was asked. */
async function echo(t: TestContext): Promise<{ origin: string; asked: IncomingMessage[]; sockets: Set<WebSocket> }> {
  const asked: IncomingMessage[] = [];
  const server = createServer();
  const webSockets = new WebSocketServer({ server, perMessageDeflate: true, handleProtocols: () => "chat" });
  webSockets.on("connection", (socket, request) => {
    asked.push(request);
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  webSockets.on("headers", (headers) => headers.push("Set-Cookie: a=1", "X-Service: echo", "Tandem-Assertion: forged"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of webSockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, asked, sockets: webSockets.clients };
}

/** A client that is connected, and what it was told on the way. */
async function connected(t: TestContext, url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, "chat", { headers });
  t.after(() => socket.terminate());
  const [[answer]] = await Promise.all([once(socket, "upgrade"), once(socket, "open")]);
  return { socket, answer: answer as IncomingMessage };
}

const said = async (socket: WebSocket, data: string | Buffer): Promise<Buffer> => {
  const answer = once(socket, "message");
  socket.send(data);
  return (await answer)[0] as Buffer;
};

test("what is said comes back, in small frames and in large ones, from both sides", async (t) => {
  const { origin, sockets } = await echo(t);
  const instance = instanceAt(t, origin);
  const { gateway, records } = upgradesTo([instance]);
  const { socket } = await connected(t, `ws://127.0.0.1:${await serve(t, gateway)}/chat?room=1`);
  assert.equal(String(await said(socket, "hello")), "hello");
  const large = Buffer.alloc(8 * 1024 * 1024, "0123456789abcdef");
  assert.ok((await said(socket, large)).equals(large));
  const unasked = once(socket, "message");
  for (const one of sockets) one.send("unasked");
  assert.equal(String((await unasked)[0]), "unasked");
  assert.equal(instance.inFlight, 1);
  assert.equal(gateway.inFlight, 1);
  assert.equal(records.length, 0);
  socket.close(1000, "bye");
  await until("the record", () => records.length === 1);
  const [record] = records;
  assert.deepEqual([record?.status, record?.ending, record?.error], [101, "answered", undefined]);
  const [attempt] = record?.attempts ?? [];
  assert.deepEqual([attempt?.status, attempt?.outcome, attempt?.target], [101, "answered", "orders"]);
  assert.ok(attempt!.endedAt! >= attempt!.firstByteAt!);
  assert.ok(record!.bytesIn > 1000 && record!.bytesOut > 1000);
  assert.equal(instance.inFlight, 0);
});

test("a service is asked for exactly what was authorised, and told nothing that the client forged", async (t) => {
  const { origin, asked } = await echo(t);
  const vouch: Stage = {
    name: "vouch",
    run({ outgoing, record, reply }) {
      outgoing.set("tandem-assertion", "vouched");
      outgoing.drop("authorization");
      record.trace = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true, random: false };
      reply.add("x-request-id", "r-1");
    },
  };
  const { gateway } = upgradesTo([instanceAt(t, origin)], { before: [vouch] });
  const forged = {
    "tandem-assertion": "forged",
    "x-forwarded-for": "6.6.6.6",
    traceparent: `00-${"f".repeat(32)}-${"f".repeat(16)}-01`,
    authorization: "Bearer secret",
    "x-kept": "1",
    host: "a.test:99",
  };
  const { answer } = await connected(t, `ws://127.0.0.1:${await serve(t, gateway)}/a/./b?c=%2F`, forged);
  const [{ headers, url } = assert.fail("nobody was asked")] = asked;
  assert.equal(url, "/a/b?c=%2F");
  assert.equal(headers.host, "a.test:99");
  assert.equal(headers["tandem-assertion"], "vouched");
  assert.equal(headers["x-kept"], "1");
  assert.equal(headers.traceparent, `00-${"a".repeat(32)}-0000000000000001-01`);
  for (const name of ["x-forwarded-for", "authorization"]) assert.equal(headers[name], undefined, name);
  // What the client is told is as clean as any other answer.
  assert.equal(answer.headers["x-service"], "echo");
  assert.deepEqual(answer.headers["set-cookie"], ["a=1"]);
  assert.equal(answer.headers["sec-websocket-protocol"], "chat");
  assert.equal(answer.headers["x-request-id"], "r-1");
  assert.equal(answer.headers["tandem-assertion"], undefined);
});

test("when the client vanishes, the service's connection goes with it", async (t) => {
  const { origin, sockets } = await echo(t);
  const instance = instanceAt(t, origin);
  const { gateway, records } = upgradesTo([instance]);
  const { socket } = await connected(t, `ws://127.0.0.1:${await serve(t, gateway)}/`);
  assert.equal(sockets.size, 1);
  socket.terminate();
  await until("both ends are gone", () => sockets.size === 0 && records.length === 1);
  assert.equal(instance.inFlight, 0);
  assert.equal(gateway.inFlight, 0);
});

test("when the service vanishes, the client's connection goes with it", async (t) => {
  const { origin, sockets } = await echo(t);
  const instance = instanceAt(t, origin);
  const { gateway, records } = upgradesTo([instance]);
  const { socket } = await connected(t, `ws://127.0.0.1:${await serve(t, gateway)}/`);
  const closed = once(socket, "close");
  for (const one of sockets) one.terminate();
  assert.equal((await closed)[0], 1006);
  await until("the record", () => records.length === 1);
  assert.equal(instance.inFlight, 0);
});

test("an instance that refuses is left for another one", async (t) => {
  const { origin } = await echo(t);
  const dead = instanceAt(t, "http://127.0.0.1:1");
  const alive = instanceAt(t, origin);
  const { gateway, records, avoided } = upgradesTo([dead, alive]);
  const { socket } = await connected(t, `ws://127.0.0.1:${await serve(t, gateway)}/`);
  assert.equal(String(await said(socket, "hello")), "hello");
  assert.deepEqual([dead.inFlight, alive.inFlight], [0, 1]);
  assert.deepEqual(avoided, [dead]);
  socket.close();
  await until("the record", () => records.length === 1);
  assert.deepEqual(
    records[0]?.attempts.map(({ instance, outcome }) => [instance, outcome]),
    [
      [dead.id, "refused"],
      [alive.id, "answered"],
    ],
  );
});

test("fifty at a time come and go, and leave nothing behind", async (t) => {
  const { origin, sockets } = await echo(t);
  const instance = instanceAt(t, origin);
  const { gateway, records } = upgradesTo([instance]);
  const url = `ws://127.0.0.1:${await serve(t, gateway)}/`;
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const { socket } = await connected(t, url);
      assert.equal(String(await said(socket, `hello ${index}`)), `hello ${index}`);
      if (index % 2 === 0) socket.close();
      else socket.terminate();
    }),
  );
  await until("all are gone", () => records.length === 50 && sockets.size === 0);
  assert.equal(instance.inFlight, 0);
});
