// However connections end, each is told once: 500 of every kind, at random times, while the listener begins to leave as well.
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { until } from "@tandem/platform/testing";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { authority, clientOf, listening, serverMaterial } from "./testing.ts";

const requests = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123",
  "GET / HT",
  "\0\0\r\n\r\n",
  "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
];
const slow: Stage = { name: "slow", run: () => delay(randomInt(30)) };
const pick = <One>(of: readonly One[]): One => of[randomInt(of.length)]!;
const client = clientOf("a");

function leave(socket: Socket, isBare: boolean): void {
  const how = randomInt(3);
  if (how === 0) socket.end();
  else if (how === 1 || !isBare) socket.destroy();
  else socket.resetAndDestroy();
}

/** One client of some kind; resolves when its end of the connection has closed. */
async function visit(port: number, secure: boolean): Promise<void> {
  const kind = randomInt(secure ? 4 : 1);
  const options = { port, host: "127.0.0.1", ca: authority.certificate };
  if (kind === 3) {
    const h2 = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.certificate });
    h2.on("error", () => {});
    const closed = new Promise((resolve) => h2.once("close", resolve));
    for (let count = randomInt(3); count >= 0 && !h2.destroyed; count--)
      h2.request({ ":path": "/" })
        .on("error", () => {})
        .resume();
    await delay(randomInt(60));
    pick([() => h2.close(), () => h2.destroy()])();
    await Promise.race([closed, delay(3000)]);
    h2.destroy();
    return;
  }
  const isBare = kind === 0;
  const cipher = pick([
    {},
    {},
    { maxVersion: "TLSv1.2" as const, ciphers: "AES128-SHA" },
    { cert: client.certificate, key: client.key },
  ]);
  const socket = isBare
    ? connect(port, "127.0.0.1")
    : connectTls({ ...options, ...cipher, ALPNProtocols: ["http/1.1"] });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {}).resume();
  if (randomInt(6) > 0) socket.write(isBare && randomInt(4) === 0 ? randomBytes(64) : pick(requests));
  // On a busy machine hardly one would come further than its handshake.
  if (randomInt(2) === 0)
    await Promise.race([closed, new Promise((resolve) => socket.once("data", resolve)), delay(1000)]);
  await Promise.race([closed, delay(randomInt(120))]);
  if (!socket.destroyed) leave(socket, isBare);
  await Promise.race([closed, delay(3000)]);
  socket.destroy();
}

for (const secure of [false, true])
  test(`500 connections ${secure ? "to TLS" : "in the clear"} are 500 ends, also while the listener leaves`, async (t) => {
    const { port, listener, events } = await listening(t, {
      stages: [slow, answer],
      ...(secure && { tls: { ...serverMaterial, clients: { ca: authority.certificate, required: false } } }),
      listen: { limits: { headTimeout: "150ms", requestTimeout: "200ms", keepAlive: "100ms", connections: 35 } },
    });
    let left = 500;
    const oneAfterTheOther = async (): Promise<void> => {
      while (left > 0) {
        if (left-- === 50) void listener.close(100);
        await visit(port, secure);
      }
    };
    await Promise.all(Array.from({ length: 40 }, oneAfterTheOther));
    await listener.close(100);
    await until("all have ended", () => listener.stats.open === 0);
    const { accepted, dropped, ended } = listener.stats;
    const closed = events.filter((event) => event.kind === "closed");
    assert.equal(closed.length, accepted);
    assert.equal(new Set(closed.map(({ id }) => id)).size, accepted);
    const told = events.reduce((sum, event) => sum + (event.kind === "dropped" ? event.count : 0), 0);
    assert.equal(told, dropped);
    assert.equal(
      [...ended.values()].reduce((sum, count) => sum + count, 0),
      accepted,
    );
    assert.ok(accepted > 100 && ended.size >= 4, JSON.stringify([accepted, dropped, ...ended]));
  });
