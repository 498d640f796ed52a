import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dial, type Line, listening, serverMaterial } from "@tandem/kernel/listener/testing";
import { until } from "@tandem/platform/testing";
import { instanceAt, rawUpstream } from "../exchange/testing.ts";
import type { Instance } from "../pool/instance.ts";
import { upgradesTo } from "./testing.ts";

const handshake =
  "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n";

interface Tunnel {
  readonly client: Line;
  readonly service: Socket;
  readonly instance: Instance;
  readonly close: (graceMs: number) => Promise<void>;
}

/** An open tunnel through a real listener, to a service that says nothing by itself. */
async function tunnel(t: TestContext, { secure = false, upgrades = { idleTimeout: 60_000 } } = {}): Promise<Tunnel> {
  let service: Socket | undefined;
  const origin = await rawUpstream(t, (socket, _, earlier) => {
    service = socket;
    if (earlier === 0) socket.write(switching);
  });
  const instance = instanceAt(t, origin);
  const { port, listener } = await listening(t, {
    stages: upgradesTo([instance], { upgrades }).stages,
    ...(secure && { tls: serverMaterial }),
    // A listener is no judge of tunnels, however little it bears elsewhere.
    listen: { limits: { idleTimeout: "1s" } },
  });
  const client = dial(t, port, secure ? {} : undefined);
  client.socket.write(handshake);
  await client.until(/\r\n\r\n$/);
  return { client, service: service!, instance, close: (graceMs) => listener.close(graceMs) };
}

for (const secure of [false, true])
  test(`a tunnel that falls silent is closed at both ends, ${secure ? "TLS" : "clear text"}`, async (t) => {
    const { client, service, instance } = await tunnel(t, { secure, upgrades: { idleTimeout: 2_000 } });
    for (let turn = 0; turn < 6; turn++) {
      await sleep(500);
      // A byte of either side will do.
      if (turn % 2 === 0) client.socket.write("ping");
      else service.write("pong");
    }
    assert.equal(service.closed, false);
    await until("both are closed", () => client.socket.closed && service.closed && instance.inFlight === 0);
  });

test("a tunnel is closed at both ends when its listener closes, long before the grace is over", async (t) => {
  const { client, service, instance, close } = await tunnel(t);
  const since = performance.now();
  await close(10_000);
  assert.ok(performance.now() - since < 8_000);
  await until("both are closed", () => client.socket.closed && service.closed && instance.inFlight === 0);
});
