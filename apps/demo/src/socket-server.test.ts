import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ask } from "@tandem/platform/testing";
import { WebSocket } from "ws";
import { catalog } from "./catalog.ts";
import type { Service } from "./service.ts";
import { demo, openSocket } from "./testing.ts";

const greeting: Service = {
  name: "echo",
  routes: { "/slow": { GET: ({ response }) => void setTimeout(() => response.end(), 200) } },
  sockets: { "/greeting": ({ instance, client }) => client.send(`hello from ${instance}`) },
};

const handshake = [
  "Host: demo",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

function raw(port: number, path: string, lines: readonly string[]): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  return text(socket);
}

test("a service takes WebSockets at the paths that it names", async (t) => {
  const { port } = await demo(t, greeting);
  const { next } = await openSocket(t, `ws://127.0.0.1:${port}/greeting?loud=1`);
  assert.deepEqual(await next(), ["hello from echo-test", false]);
});

test("no other path and no other service takes a socket", async (t) => {
  const [named, bare] = [await demo(t, greeting), await demo(t, catalog)];
  for (const url of [
    `ws://127.0.0.1:${named.port}/`,
    `ws://127.0.0.1:${named.port}/greeting/`,
    `ws://127.0.0.1:${named.port}/Greeting`,
    `ws://127.0.0.1:${bare.port}/greeting`,
  ]) {
    const [error] = await once(new WebSocket(url), "error");
    assert.match(error.message, /404/, url);
  }
});

test("a handshake that makes no sense is refused, and names the instance all the same", async (t) => {
  const server = await demo(t, greeting);
  for (const without of ["Sec-WebSocket-Key", "Sec-WebSocket-Version"]) {
    const lines = handshake.filter((line) => !line.startsWith(without));
    const answer = await raw(server.port, "/greeting", lines);
    assert.match(answer, /^HTTP\/1\.1 400 [^]*x-demo-instance: echo-test\r\n/, without);
  }
  assert.equal(server.spans[0]?.attributes["http.response.status_code"], 400);
});

test("closing the instance says goodbye to its sockets, and their spans end", async (t) => {
  const server = await demo(t, greeting);
  const { closed } = await openSocket(t, `ws://127.0.0.1:${server.port}/greeting`);
  await server.close(AbortSignal.timeout(5000));
  assert.equal(await closed, 1001);
  const { spans } = server;
  assert.deepEqual([spans[0]?.name, spans[0]?.attributes["http.response.status_code"]], ["GET /greeting", 101]);
});

test("an instance that closes takes no socket on a connection that it still has", async (t) => {
  const server = await demo(t, greeting);
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  const answer = text(socket);
  socket.write("GET /slow HTTP/1.1\r\nHost: demo\r\n\r\n");
  await once(socket, "connect");
  await pause(50);
  const closed = server.close(AbortSignal.timeout(5000));
  socket.write(`GET /greeting HTTP/1.1\r\n${handshake.join("\r\n")}\r\n\r\n`);
  await closed;
  assert.doesNotMatch(await answer, / 101 /);
});

test("a client that never says goodbye is broken off at the deadline, and one that was refused as well", async (t) => {
  const server = await demo(t, greeting);
  const { client } = await openSocket(t, `ws://127.0.0.1:${server.port}/greeting`);
  client.pause();
  const refused = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => refused.destroy());
  refused.write(`GET /nowhere HTTP/1.1\r\n${handshake.join("\r\n")}\r\n\r\n`);
  await once(refused, "data");
  const began = performance.now();
  await server.close(AbortSignal.timeout(200));
  const took = performance.now() - began;
  assert.ok(took > 150 && took < 2000, String(took));
});

test("a client that does not answer is dropped in time, and one that answers stays", async (t) => {
  const { port } = await demo(t, greeting, { heartbeatMs: 50 });
  const url = `ws://127.0.0.1:${port}/greeting`;
  const alive = await openSocket(t, url);
  const gone = await openSocket(t, url, { autoPong: false });
  assert.equal(await gone.closed, 1006);
  await pause(200);
  assert.equal(alive.client.readyState, WebSocket.OPEN);
});

test("a socket that breaks costs nobody else anything", async (t) => {
  const server = await demo(t, greeting);
  const { client } = await openSocket(t, `ws://127.0.0.1:${server.port}/greeting`);
  client.terminate();
  assert.equal((await ask(server.port, "/health")).status, 200);
  await server.close(AbortSignal.timeout(5000));
  assert.equal(server.spans.length, 1);
});
