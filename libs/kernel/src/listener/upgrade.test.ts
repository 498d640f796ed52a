import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError } from "@tandem/contracts/errors";
import { until } from "@tandem/platform/testing";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { dial, listening, serverMaterial } from "./testing.ts";

const asking = (protocol: string, more = ""): string =>
  `GET /way HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: ${protocol}\r\n${more}\r\n`;
const onlyWebSocket: Stage = {
  name: "onlyWebSocket",
  run({ request }) {
    if (request.upgrade !== undefined && request.upgrade !== "websocket") throw new GatewayError("request.upgrade");
  },
};
const tunnel: Stage = {
  name: "tunnel",
  run: (exchange) =>
    exchange.act("upgrade", () => {
      if (exchange.transport.kind !== "upgrade") throw new Error("no upgrade");
      const { socket, head } = exchange.transport;
      exchange.record.status = 101;
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n");
      if (head.length > 0) socket.write(head);
      socket.on("data", (chunk: Buffer) => socket.write(chunk));
      socket.on("end", () => socket.end());
    }),
};

const transports = [
  { transport: "clear text", tls: undefined, secure: undefined },
  { transport: "TLS", tls: serverMaterial, secure: {} },
];

for (const { transport, tls, secure } of transports) {
  const material = tls && { tls };

  test(`over ${transport} an upgrade passes the stages, and bytes flow from the first on`, async (t) => {
    const { port, recorded } = await listening(t, { ...material, stages: [onlyWebSocket, tunnel] });
    const line = dial(t, port, secure);
    line.socket.write(`${asking("WebSocket")}early`);
    await line.until(/early$/);
    line.socket.write(" late");
    assert.match(await line.until(/late$/), /^HTTP\/1\.1 101 [^]*\r\n\r\nearly late$/);
    line.socket.end();
    const [record] = await recorded(1);
    assert.deepEqual([record?.status, record?.upgrade, record?.ending], [101, "websocket", "answered"]);
  });

  for (const protocol of ["h2c", "TLS/1.0", "websocket, h2c"])
    test(`over ${transport} an upgrade to ${protocol} is no way around the stages`, async (t) => {
      const { port, recorded } = await listening(t, { ...material, stages: [onlyWebSocket, answer] });
      const line = dial(t, port, secure);
      line.socket.write(asking(protocol, "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"));
      assert.match(await line.ended, /^HTTP\/1\.1 400 [^]*problem:request\.upgrade/);
      assert.equal((await recorded(1))[0]?.error, "request.upgrade");
    });
}

test("an upgrade behind a request that is not answered yet is none, and does not overtake its answer", async (t) => {
  const slow: Stage = { name: "slow", run: ({ request }) => (request.target === "/slow" ? delay(50) : undefined) };
  const { port } = await listening(t, { stages: [slow, answer] });
  const line = dial(t, port);
  line.socket.write(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${asking("websocket")}`);
  const text = await line.until(/}[^]*}$/);
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)|"target":"([^"]+)/g)].map(([, status, target]) => status ?? target),
    ["200", "200"],
  );
});

test("an upgrade with too many headers is a 431", async (t) => {
  const { port, recorded } = await listening(t, { stages: [tunnel], listen: { limits: { headers: 8 } } });
  const line = dial(t, port);
  line.socket.write(asking("websocket", "a: b\r\n".repeat(9)));
  assert.match(await line.ended, /^HTTP\/1\.1 431 /);
  assert.deepEqual(
    (await recorded(1)).map(({ error, upgrade }) => [error, upgrade]),
    [["request.head-too-large", "websocket"]],
  );
});

test("a refused client that does not hang up is hung up on", async (t) => {
  const { port, listener } = await listening(t, { stages: [onlyWebSocket] });
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  socket.resume().write(asking("h2c"));
  const chatter = setInterval(() => socket.write("more"), 20);
  t.after(() => clearInterval(chatter));
  await delay(100);
  await until("no connection is left", () => listener.stats.open === 0);
});

test("a client that resets an upgraded connection does no harm", async (t) => {
  const { port, recorded } = await listening(t, { stages: [tunnel] });
  const line = dial(t, port);
  line.socket.write(asking("websocket"));
  await line.until(/101/);
  line.socket.resetAndDestroy();
  assert.equal((await recorded(1))[0]?.status, 101);
  const next = dial(t, port);
  next.socket.write(asking("websocket"));
  assert.match(await next.until(/101/), /101/);
});

for (const { transport, tls, secure } of transports)
  test(`over ${transport} an upgraded connection lives while a byte comes now and then, whatever the timeouts of requests`, async (t) => {
    const limits = { headTimeout: "100ms", requestTimeout: "100ms", idleTimeout: "200ms", keepAlive: "100ms" };
    const { port, recorded } = await listening(t, { ...(tls && { tls }), stages: [tunnel], listen: { limits } });
    const line = dial(t, port, secure);
    line.socket.write(asking("websocket"));
    await line.until(/101/);
    for (let turn = 0; turn < 6; turn++) {
      await delay(80);
      line.socket.write(`${turn}`);
    }
    assert.match(await line.until(/012345$/), /012345$/);
    const silentSince = performance.now();
    await line.ended;
    const silence = performance.now() - silentSince;
    assert.ok(silence > 150 && silence < 1000, String(silence));
    assert.deepEqual([(await recorded(1))[0]?.status, (await recorded(1))[0]?.ending], [101, "answered"]);
  });
