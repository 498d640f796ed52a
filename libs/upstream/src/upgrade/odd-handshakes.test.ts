// Services that switch in odd ways, and ends that come at odd moments: as a proxy we answer for the switching, not for what is said after it.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { dial, listening } from "@tandem/kernel/listener/testing";
import { until } from "@tandem/platform/testing";
import { instanceAt, rawUpstream } from "../exchange/testing.ts";
import { frame } from "./frame.testing.ts";
import { upgradesTo } from "./testing.ts";

const handshake =
  "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const switching = (...lines: string[]): string => ["HTTP/1.1 101 Switching Protocols", ...lines, "", ""].join("\r\n");
const connection = "connection: Upgrade";
const upgrade = "upgrade: websocket";
const accept = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const usual = switching(connection, upgrade, accept);

/** A tier before a service that does as the test says with the handshake; what comes later is kept in `heard`. */
async function tierTo(t: TestContext, answer: (socket: Socket) => void) {
  const service: { socket: Socket | undefined; heard: string } = { socket: undefined, heard: "" };
  const origin = await rawUpstream(t, (socket, bytes, earlier) => {
    service.socket = socket;
    if (earlier === 0) answer(socket);
    else service.heard += bytes;
  });
  const instance = instanceAt(t, origin);
  return { ...(await listening(t, { stages: upgradesTo([instance]).stages })), instance, service };
}

const senseless: { name: string; bytes: string }[] = [
  { name: "to nothing", bytes: switching(connection, accept) },
  { name: "to something else", bytes: switching(connection, "upgrade: h2c", accept) },
  { name: "to two things", bytes: switching(connection, "upgrade: websocket, h2c", accept) },
  { name: "to two things in two lines", bytes: switching(connection, upgrade, "upgrade: h2c", accept) },
  { name: "without saying so of the connection", bytes: switching(upgrade, accept) },
  { name: "with a connection that is kept", bytes: switching("connection: keep-alive", upgrade, accept) },
  { name: "with a broken line", bytes: switching(connection, upgrade, "no colon here") },
  { name: "and ends in the middle of it", bytes: usual.slice(0, -2) },
];
for (const { name, bytes } of senseless)
  test(`a service that switches ${name} is upstream.failed, and the client is told so alone`, async (t) => {
    const { port, recorded, instance } = await tierTo(t, (socket) => void socket.end(`${bytes}secret`));
    const line = dial(t, port);
    line.socket.write(handshake);
    const text = await line.ended;
    assert.match(text, /^HTTP\/1\.1 502 [^]*urn:tandem:problem:upstream\.failed/);
    assert.doesNotMatch(text, /101|secret/);
    const [record] = await recorded(1);
    assert.deepEqual([record?.status, record?.error, record?.attempts[0]?.outcome], [502, "upstream.failed", "reset"]);
    assert.equal(instance.inFlight, 0);
  });

for (const { name, lines } of [
  { name: "the right proof", lines: [accept] },
  { name: "a wrong proof", lines: ["sec-websocket-accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="] },
  { name: "no proof", lines: [] },
  { name: "an extension that nobody asked for", lines: [accept, "sec-websocket-extensions: x-odd"] },
])
  test(`${name} is passed on as it is: it is meant for the client, which alone must judge it`, async (t) => {
    const { port } = await tierTo(t, (socket) => void socket.end(switching(connection, upgrade, ...lines)));
    const line = dial(t, port);
    line.socket.write(handshake);
    const text = await line.ended;
    assert.match(text, /^HTTP\/1\.1 101 /);
    assert.deepEqual(
      text.split("\r\n").filter((field) => field.startsWith("sec-websocket-")),
      lines,
    );
  });

test("what follows the switch in the same packet is the tunnel's, whatever it looks like", async (t) => {
  const { port } = await tierTo(t, (socket) => void socket.end(`${usual}${usual}`));
  const line = dial(t, port);
  line.socket.write(handshake);
  const text = await line.ended;
  assert.equal(text.slice(text.indexOf("\r\n\r\n") + 4), usual);
});

test("an early hint before the switch is not passed on, and is no answer", async (t) => {
  const { port } = await tierTo(t, (socket) => {
    socket.end(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${usual}hello`);
  });
  const line = dial(t, port);
  line.socket.write(handshake);
  const text = await line.ended;
  assert.match(text, /^HTTP\/1\.1 101 [^]*\r\n\r\nhello$/);
  assert.doesNotMatch(text, /103|link/);
});

test("a service that ends its side without a close frame is believed: the client gets the rest, and the end", async (t) => {
  const { port, recorded, service, instance } = await tierTo(t, (socket) => void socket.write(usual));
  const line = dial(t, port);
  line.socket.write(handshake);
  await line.until(/\r\n\r\n$/);
  const last = frame(0x1, Buffer.from("last"), { masked: false });
  service.socket?.end(last);
  const text = await line.ended;
  assert.ok(text.endsWith(`\r\n\r\n${last.toString("latin1")}`));
  const [record] = await recorded(1);
  assert.deepEqual([record?.status, record?.ending, record?.attempts[0]?.outcome], [101, "answered", "answered"]);
  // Nothing was made up on its behalf.
  assert.equal(service.heard, "");
  assert.equal(instance.inFlight, 0);
});

for (const leave of ["destroy", "resetAndDestroy"] as const)
  test(`a client that vanishes (${leave}) just as the service switches leaves nothing behind`, async (t) => {
    let client: Socket | undefined;
    const { port, recorded, service, instance } = await tierTo(t, (socket) => {
      client?.[leave]();
      socket.write(usual);
    });
    for (let turn = 1; turn <= 20; turn++) {
      client = dial(t, port).socket;
      client.write(handshake);
      await recorded(turn);
      await until("the service's connection is closed", () => service.socket?.closed);
    }
    assert.equal(instance.inFlight, 0);
  });

test("a handshake that nobody answers does not outlive the grace of a listener that closes", async (t) => {
  const { port, listener, recorded, service, instance } = await tierTo(t, () => {});
  const line = dial(t, port);
  line.socket.write(handshake);
  await until("the service is asked", () => service.socket);
  await listener.close(100);
  const text = await line.ended;
  assert.doesNotMatch(text, /101/);
  await recorded(1);
  await until("nothing is left", () => service.socket?.closed && instance.inFlight === 0);
});

test("a handshake that the service refuses while the listener closes is refused", async (t) => {
  let refuse = (): void => {};
  const { port, listener, service } = await tierTo(t, (socket) => {
    refuse = () => void socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nno!");
  });
  const line = dial(t, port);
  line.socket.write(handshake);
  await until("the service is asked", () => service.socket);
  const closing = listener.close(10_000);
  await until("the drain has begun", () => listener.address === undefined);
  refuse();
  await closing;
  assert.match(await line.ended, /^HTTP\/1\.1 403 [^]*no!$/);
});
