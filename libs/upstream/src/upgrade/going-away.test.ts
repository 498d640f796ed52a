import assert from "node:assert/strict";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { dial, listening, type Listening } from "@tandem/kernel/listener/testing";
import { until } from "@tandem/platform/testing";
import { WebSocket, WebSocketServer } from "ws";
import { instanceAt, rawUpstream } from "../exchange/testing.ts";
import type { Instance } from "../pool/instance.ts";
import type { UpgradeLimits } from "./config.ts";
import { frame } from "./frame.testing.ts";
import { upgradesTo } from "./testing.ts";

/** What one side of a WebSocket was told at its end, and how often. */
interface Ended {
  readonly codes: { code: number; reason: string }[];
  socket: WebSocket;
}

const watch = (socket: WebSocket): Ended => {
  const ended: Ended = { codes: [], socket };
  socket.on("close", (code, reason) => ended.codes.push({ code, reason: String(reason) })).on("error", () => {});
  return ended;
};

/** A service that echoes, and what its sides of the WebSockets came to. */
async function echo(t: TestContext): Promise<{ origin: string; services: Ended[] }> {
  const services: Ended[] = [];
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    services.push(watch(socket));
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`, services };
}

/** A tier of nothing but its listener and one hop for WebSockets. */
async function tierTo(
  t: TestContext,
  origin: string,
  upgrades: UpgradeLimits = { idleTimeout: 60_000 },
): Promise<Listening & { instance: Instance }> {
  const instance = instanceAt(t, origin);
  return { ...(await listening(t, { stages: upgradesTo([instance], { upgrades }).stages })), instance };
}

async function client(t: TestContext, port: number): Promise<Ended> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  t.after(() => socket.terminate());
  const ended = watch(socket);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return ended;
}

/** Our close frame as a client gets it. */
const goodbye = frame(0x8, Buffer.from("\x03\xe9the gateway is going away", "latin1"), { masked: false });

const drained = { code: 1001, reason: "the gateway is going away" };

for (const which of ["the first", "the second"] as const)
  test(`when ${which} of two tiers leaves, client and service are told 1001 once`, async (t) => {
    const { origin, services } = await echo(t);
    const second = await tierTo(t, origin);
    const first = await tierTo(t, `http://127.0.0.1:${second.port}`);
    const all = await Promise.all([client(t, first.port), client(t, first.port)]);
    await (which === "the first" ? first : second).listener.close(10_000);
    await until("all are told", () => [...all, ...services].every(({ codes }) => codes.length > 0));
    for (const { codes } of [...all, ...services]) assert.deepEqual(codes, [drained]);
    const [leaving, staying] = which === "the first" ? [first, second] : [second, first];
    await until("the records", () => leaving.records.length === 2 && staying.records.length === 2);
    for (const { status, ending, tunnelEnd, attempts } of leaving.records)
      assert.deepEqual([status, ending, tunnelEnd, attempts[0]?.outcome], [101, "answered", "drain", "answered"]);
    for (const { tunnelEnd, ending } of staying.records) assert.deepEqual([tunnelEnd, ending], [undefined, "answered"]);
    assert.deepEqual([first.instance.inFlight, second.instance.inFlight], [0, 0]);
  });

for (const { end, upgrades, reason } of [
  { end: "idle", upgrades: { idleTimeout: 150 }, reason: "nothing was said for too long" },
  { end: "age", upgrades: { idleTimeout: 60_000, maxAge: 150 }, reason: "open for as long as it may be" },
])
  test(`a WebSocket that reaches its ${end} is closed with 1001 on both sides`, async (t) => {
    const { origin, services } = await echo(t);
    const { port, records, recorded } = await tierTo(t, origin, upgrades);
    const { codes } = await client(t, port);
    await recorded(1);
    await until("both are told", () => codes.length > 0 && services[0]!.codes.length > 0);
    assert.deepEqual([codes, services[0]!.codes], [[{ code: 1001, reason }], [{ code: 1001, reason }]]);
    assert.equal(records[0]?.tunnelEnd, end);
  });

const handshake =
  "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n";

test("a frame under way is finished before the close frame, and what follows it reaches nobody", async (t) => {
  const payload = Buffer.alloc(500, "a");
  const first = frame(0x2, payload, { masked: false });
  const second = frame(0x1, Buffer.from("too late"), { masked: false });
  let finish = (): void => {};
  const seen: Buffer[] = [];
  const origin = await rawUpstream(t, (socket, bytes, earlier) => {
    if (earlier > 0) {
      seen.push(Buffer.from(bytes, "latin1"));
      return;
    }
    socket.write(Buffer.concat([Buffer.from(switching), first.subarray(0, 100)]));
    finish = () => socket.write(Buffer.concat([first.subarray(100), second]));
  });
  const { port, listener, recorded } = await tierTo(t, origin);
  const line = dial(t, port);
  line.socket.write(handshake);
  await line.until(/\r\n\r\n[^]{100}$/);
  const question = frame(0x1, Buffer.from("question"), { masked: true });
  line.socket.write(question.subarray(0, 7));
  await until("half a frame has passed", () => Buffer.concat(seen).length === 7);
  const closing = listener.close(10_000);
  await until("the drain has begun", () => listener.address === undefined);
  finish();
  await line.until(/going away$/);
  line.socket.write(Buffer.concat([question.subarray(7), question, frame(0x8, Buffer.alloc(0), { masked: true })]));
  await closing;
  const told = await line.ended;
  assert.equal(told.slice(told.indexOf("\r\n\r\n") + 4), Buffer.concat([first, goodbye]).toString("latin1"));
  const heard = Buffer.concat(seen);
  assert.deepEqual(heard.subarray(0, question.length), question);
  // Behind it our close frame, masked, and nothing else.
  assert.deepEqual([heard[question.length], heard[question.length + 1]], [0x88, 0x80 | 27]);
  assert.equal(heard.length, question.length + 2 + 4 + 27);
  assert.equal((await recorded(1))[0]?.tunnelEnd, "drain");
});

for (const { name, bytes } of [
  { name: "speaks no frames", bytes: Buffer.from("plainly no websocket") },
  { name: "never ends its frame", bytes: frame(0x2, Buffer.alloc(100), { masked: true }).subarray(0, 50) },
])
  test(`a client that ${name} is cut off, and the service told nothing that it would misread`, async (t) => {
    let heard = "";
    const origin = await rawUpstream(t, (socket, received, earlier) => {
      if (earlier === 0) socket.write(switching);
      else heard += received;
    });
    const { port, listener, instance } = await tierTo(t, origin);
    const line = dial(t, port);
    line.socket.write(handshake);
    await line.until(/\r\n\r\n$/);
    line.socket.write(bytes);
    await until("it has passed", () => heard.length === bytes.length);
    await listener.close(10_000);
    await line.ended;
    assert.equal(heard.length, bytes.length);
    await until("the service's connection is closed", () => instance.inFlight === 0);
  });

test("two that are agreeing to close are not interrupted", async (t) => {
  const bye = frame(0x8, Buffer.from([3, 232]), { masked: true });
  let answer = (): void => {};
  const origin = await rawUpstream(t, (socket, _, earlier) => {
    if (earlier === 0) socket.write(switching);
    else answer = () => socket.end(frame(0x8, Buffer.from([3, 232]), { masked: false }));
  });
  const { port, listener } = await tierTo(t, origin);
  const line = dial(t, port);
  line.socket.write(handshake);
  await line.until(/\r\n\r\n$/);
  line.socket.write(bye);
  const initial = answer;
  await until("the service has it", () => answer !== initial);
  const closing = listener.close(10_000);
  await until("the drain has begun", () => listener.address === undefined);
  answer();
  await closing;
  const told = await line.ended;
  assert.equal(told.slice(told.indexOf("\r\n\r\n") + 4), "\x88\x02\x03\xe8");
});

test("a handshake under way when the listener closes is answered, and the tunnel closed at once", async (t) => {
  let answer: (() => void) | undefined;
  const origin = await rawUpstream(t, (socket, _, earlier) => {
    if (earlier === 0) answer = () => socket.write(switching);
  });
  const { port, listener, recorded } = await tierTo(t, origin);
  const line = dial(t, port);
  line.socket.write(handshake);
  await until("the service is asked", () => answer !== undefined);
  const closing = listener.close(10_000);
  await until("the drain has begun", () => listener.address === undefined);
  answer?.();
  const told = await line.until(/going away$/);
  assert.match(told, /^HTTP\/1\.1 101 /);
  assert.ok(told.endsWith(`\r\n\r\n${goodbye.toString("latin1")}`));
  line.socket.end(frame(0x8, Buffer.alloc(0), { masked: true }));
  await closing;
  assert.equal((await recorded(1))[0]?.tunnelEnd, "drain");
});

test("a client that does not answer the close frame is cut off long before the grace is over", async (t) => {
  const { origin, services } = await echo(t);
  const { port, listener, instance } = await tierTo(t, origin);
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  let text = "";
  socket.on("error", () => {}).on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.write(handshake);
  await until("the tunnel", () => text.includes("\r\n\r\n"));
  await listener.close(60_000);
  assert.match(text, /going away$/);
  await until("the service is told", () => services[0]!.codes.length > 0 && instance.inFlight === 0);
  assert.deepEqual(services[0]!.codes, [drained]);
});
