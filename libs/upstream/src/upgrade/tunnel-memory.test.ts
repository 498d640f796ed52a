import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { instanceAt } from "../exchange/testing.ts";
import { frame } from "./frame.testing.ts";
import { upgradesTo } from "./testing.ts";

const handshake =
  "GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n";

const megabytes = 256;
const mebibyte = 1024 * 1024;

async function sendAll(socket: Socket, one: Buffer): Promise<void> {
  for (let sent = 0; sent < megabytes; sent++) if (!socket.write(one)) await once(socket, "drain");
}

for (const way of ["to the service", "to the client"] as const)
  test(`${megabytes} MB ${way}, who reads slowly, pass in constant memory and arrive whole`, async (t) => {
    let service: Socket | undefined;
    const server = createServer((socket) => {
      service = socket.on("error", () => {});
      socket.once("data", () => void socket.write(switching));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { gateway } = upgradesTo([instanceAt(t, origin)]);
    const client = connect(await serve(t, gateway), "127.0.0.1").on("error", () => {});
    t.after(() => {
      for (const socket of [client, service]) socket?.destroy();
      server.close();
    });
    client.write(handshake);
    await once(client, "data");
    const [from, to] = way === "to the service" ? [client, service!] : [service!, client];
    const one = frame(0x2, Buffer.alloc(mebibyte, "x"), { masked: from === client });
    const before = process.memoryUsage().rss;
    let read = 0;
    let most = 0;
    let rested = 0;
    to.on("data", (chunk: Buffer) => {
      read += chunk.length;
      most = Math.max(most, process.memoryUsage().rss);
      // Slower than the sender in every tenth part: everything on the way fills up.
      if (read < (rested + 1) * 10 * mebibyte) return;
      rested++;
      to.pause();
      void sleep(30).then(() => to.resume());
    });
    await sendAll(from, one);
    await until("all of it has come", () => read === one.length * megabytes, { within: 60_000 });
    assert.ok(rested >= 9);
    t.diagnostic(`${Math.round((most - before) / mebibyte)} MB more`);
    assert.ok(most - before < 128 * mebibyte, `${Math.round((most - before) / mebibyte)} MB more`);
  });
