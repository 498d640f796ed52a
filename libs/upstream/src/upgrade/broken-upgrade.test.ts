import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { deadOrigin, instanceAt, rawUpstream } from "../exchange/testing.ts";
import { upgradesTo } from "./testing.ts";

const handshake =
  "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n";

const patience = 15_000;

/** Asks for a websocket and gives all that comes back until the connection ends, or what came until then. */
async function ask(port: number, bytes = handshake, onText?: (text: string) => unknown): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes, "latin1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    onText?.(text);
  });
  const over = new AbortController();
  await Promise.race([
    new Promise((resolve) => void socket.once("close", resolve).on("error", resolve)),
    sleep(patience, undefined, { signal: over.signal }).catch(() => {}),
  ]);
  over.abort();
  const closed = socket.closed;
  socket.destroy();
  return closed ? text : `${text} and the connection stayed open`;
}

const failures: { name: string; answer: (socket: Socket) => void; problem: string; status: number }[] = [
  { name: "closes before it answers", answer: (s) => s.end(), problem: "upstream.failed", status: 502 },
  { name: "resets before it answers", answer: (s) => s.resetAndDestroy(), problem: "upstream.failed", status: 502 },
  { name: "says nothing", answer: () => {}, problem: "upstream.timeout", status: 504 },
  {
    name: "speaks no HTTP",
    answer: (s) => s.write("SSH-2.0-OpenSSH\r\n\r\n"),
    problem: "upstream.failed",
    status: 502,
  },
  {
    name: "switches to another protocol",
    answer: (s) => s.write(switching.replace("websocket", "h2c")),
    problem: "upstream.failed",
    status: 502,
  },
  {
    name: "refuses with a length that is no plain number",
    answer: (s) => s.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 003\r\n\r\nno!"),
    problem: "upstream.failed",
    status: 502,
  },
  {
    name: "switches with a length that is no plain number",
    answer: (s) => s.write(switching.replace("\r\n\r\n", "\r\ncontent-length: 007\r\n\r\n")),
    problem: "upstream.failed",
    status: 502,
  },
];

for (const { name, answer, problem, status } of failures)
  test(`a service that ${name} is ${problem}`, async (t) => {
    const instance = instanceAt(t, await rawUpstream(t, answer));
    const { gateway, records } = upgradesTo([instance], { firstByte: status === 504 ? 100 : 10_000 });
    const text = await ask(await serve(t, gateway));
    assert.match(
      text,
      new RegExp(`^HTTP/1\\.1 ${status} [^]*content-type: application/problem\\+json[^]*urn:tandem:problem:${problem}`),
    );
    assert.match(text, /\r\nconnection: close\r\n/);
    assert.doesNotMatch(text, /101 Switching|stayed open|127\.0\.0\.1/);
    await until("the record", () => records.length === 1);
    assert.deepEqual([records[0]?.status, records[0]?.error], [status, problem]);
    assert.equal(instance.inFlight, 0);
  });

test("a port at which nobody listens is upstream.refused", async (t) => {
  const { gateway, records } = upgradesTo([instanceAt(t, await deadOrigin())]);
  assert.match(await ask(await serve(t, gateway)), /^HTTP\/1\.1 502 [^]*upstream\.refused/);
  await until("the record", () => records.length === 1);
  assert.equal(records[0]?.attempts[0]?.outcome, "refused");
});

test("a connection that does not come about in time is upstream.timeout", async (t) => {
  const origin = await rawUpstream(t, () => {});
  const { gateway } = upgradesTo([instanceAt(t, origin.replace("http:", "https:"))], { connect: 60 });
  assert.match(await ask(await serve(t, gateway)), /^HTTP\/1\.1 504 [^]*upstream\.timeout/);
});

test("a service without instance is unavailable for a moment", async (t) => {
  const { gateway } = upgradesTo([]);
  assert.match(await ask(await serve(t, gateway)), /^HTTP\/1\.1 503 [^]*retry-after: 1\r\n[^]*upstream\.no-instance/);
});

const refusals: { name: string; answer: string; expected: RegExp }[] = [
  {
    name: "a 403 with its body",
    answer: "HTTP/1.1 403 Forbidden\r\nx-why: no\r\nkeep-alive: timeout=9\r\ncontent-length: 3\r\n\r\nno!",
    expected: /^HTTP\/1\.1 403 Forbidden\r\nx-why: no\r\ncontent-length: 3\r\nconnection: close\r\n\r\nno!$/,
  },
  {
    name: "a 404 in chunks",
    answer: "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n",
    expected:
      /^HTTP\/1\.1 404 Not Found\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nno!\r\n0\r\n\r\n$/,
  },
  {
    name: "a 200 that ends with the connection",
    answer: "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nno!",
    expected: /^HTTP\/1\.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nno!\r\n0\r\n\r\n$/,
  },
  {
    name: "a 304",
    answer: "HTTP/1.1 304 Not Modified\r\n\r\n",
    expected: /^HTTP\/1\.1 304 Not Modified\r\nconnection: close\r\n\r\n$/,
  },
];

for (const { name, answer, expected } of refusals)
  test(`${name} instead of a websocket is passed on`, async (t) => {
    const instance = instanceAt(t, await rawUpstream(t, (socket) => socket.end(answer)));
    const { gateway, records } = upgradesTo([instance]);
    assert.match(await ask(await serve(t, gateway)), expected);
    await until("the record", () => records.length === 1);
    const status = Number(answer.slice(9, 12));
    assert.deepEqual(
      [records[0]?.status, records[0]?.ending, records[0]?.attempts[0]?.status],
      [status, "answered", status],
    );
    assert.equal(instance.inFlight, 0);
  });

test("a refusal that breaks off is not ended as if it were whole", async (t) => {
  let breakOff = (): void => {};
  const origin = await rawUpstream(t, (socket) => {
    socket.write("HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n3\r\nno!\r\n");
    breakOff = () => socket.resetAndDestroy();
  });
  const { gateway, records } = upgradesTo([instanceAt(t, origin)]);
  const text = await ask(await serve(t, gateway), handshake, (told) => told.includes("no!") && breakOff());
  assert.match(text, /3\r\nno!\r\n$/);
  await until("the record", () => records.length === 1);
  assert.deepEqual([records[0]?.ending, records[0]?.error], ["broken-off", "upstream.failed"]);
});

test("what the client sends early waits for the tunnel, and then goes through", async (t) => {
  const seen: string[] = [];
  const origin = await rawUpstream(t, (socket, bytes, earlier) => {
    seen.push(bytes);
    if (earlier === 0) setTimeout(() => socket.write(switching), 100);
    else socket.end("bye");
  });
  const { gateway } = upgradesTo([instanceAt(t, origin)]);
  const answer = ask(await serve(t, gateway), `${handshake}early`);
  await sleep(60);
  assert.ok(seen.every((bytes) => !bytes.includes("early")));
  assert.match(await answer, /^HTTP\/1\.1 101 [^]*\r\n\r\nbye$/);
  assert.equal(seen[1], "early");
});

test("what the client sends early to a service that refuses goes nowhere", async (t) => {
  let seen = "";
  const origin = await rawUpstream(t, (socket, bytes) => {
    seen += bytes;
    setTimeout(() => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"), 30);
  });
  const { gateway } = upgradesTo([instanceAt(t, origin)]);
  assert.match(
    await ask(await serve(t, gateway), `${handshake}GET /admin HTTP/1.1\r\nhost: a\r\n\r\n`),
    /^HTTP\/1\.1 403 /,
  );
  await sleep(50);
  assert.doesNotMatch(seen, /admin/);
});

for (const leave of ["destroy", "resetAndDestroy", "end"] as const)
  test(`a client that leaves (${leave}) before the answer takes its handshake with it`, async (t) => {
    let asked = false;
    let closed = false;
    const origin = await rawUpstream(t, (socket) => {
      asked = true;
      socket.once("close", () => (closed = true));
    });
    const instance = instanceAt(t, origin);
    const { gateway, records } = upgradesTo([instance]);
    const socket = connect(await serve(t, gateway), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(handshake);
    await until("the service is asked", () => asked);
    socket[leave]();
    await until("the service hears of it", () => closed && records.length === 1);
    assert.equal(instance.inFlight, 0);
    assert.deepEqual([records[0]?.ending, records[0]?.attempts[0]?.outcome], ["client-left", "aborted"]);
  });

for (const leave of ["destroy", "resetAndDestroy"] as const)
  test(`a client that leaves (${leave}) while the connection is being opened takes it with it`, async (t) => {
    let closed = false;
    const origin = await rawUpstream(t, (socket) => void socket.once("close", () => (closed = true)));
    const instance = instanceAt(t, origin.replace("http:", "https:"));
    const { gateway, records } = upgradesTo([instance], { connect: 5000 });
    const socket = connect(await serve(t, gateway), "127.0.0.1");
    socket.write(handshake);
    await until("the connection is being opened", () => instance.inFlight === 1);
    socket[leave]();
    await until("it is given up", () => records.length === 1 && instance.inFlight === 0 && closed);
    assert.deepEqual([records[0]?.ending, records[0]?.attempts.length], ["client-left", 1]);
  });

test("a client that leaves within a refusal takes it with it", async (t) => {
  let closed = false;
  const origin = await rawUpstream(t, (socket) => {
    socket.once("close", () => (closed = true));
    socket.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\nno");
  });
  const instance = instanceAt(t, origin);
  const { gateway } = upgradesTo([instance]);
  const socket = connect(await serve(t, gateway), "127.0.0.1");
  socket.write(handshake);
  await once(socket, "data");
  assert.equal(instance.inFlight, 1);
  socket.destroy();
  await until("the service hears of it", () => closed && instance.inFlight === 0);
});

for (const side of ["service", "client"] as const)
  test(`a reset by the ${side} within the tunnel ends both connections and harms nobody else`, async (t) => {
    let upstreamSocket: Socket | undefined;
    let closed = false;
    const origin = await rawUpstream(t, (socket) => {
      upstreamSocket = socket;
      socket.once("close", () => (closed = true));
      socket.write(switching);
    });
    const instance = instanceAt(t, origin);
    const { gateway, records } = upgradesTo([instance]);
    const client = connect(await serve(t, gateway), "127.0.0.1");
    let left = false;
    client.on("error", () => {}).once("close", () => (left = true));
    client.write(handshake);
    let told = "";
    client.on("data", (chunk) => (told += String(chunk)));
    await until("the tunnel is open", () => told.includes("\r\n\r\n"));
    if (side === "service") upstreamSocket?.resetAndDestroy();
    else client.resetAndDestroy();
    await until("both are gone", () => closed && left && records.length === 1);
    assert.doesNotMatch(told, /problem/);
    assert.equal(records[0]?.status, 101);
    assert.equal(instance.inFlight, 0);
  });
