import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { dial, listening, serverMaterial } from "./testing.ts";

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const tunnel = "CONNECT b.test:1 HTTP/1.1\r\nHost: b.test:1\r\nUser-Agent: probe/1\r\n\r\n";
const slow: Stage = { name: "slow", run: ({ request }) => (request.target === "/slow" ? delay(100) : undefined) };

for (const { transport, tls, secure } of [
  { transport: "clear text", tls: undefined, secure: undefined },
  { transport: "TLS", tls: serverMaterial, secure: {} },
]) {
  const material = tls && { tls };

  for (const { name, before } of [
    { name: "a request that is not answered yet", before: ["/slow"] },
    { name: "several of them", before: ["/slow", "/", "/slow"] },
  ])
    test(`over ${transport} CONNECT behind ${name} does not overtake, and ends the connection`, async (t) => {
      const { port, recorded } = await listening(t, { ...material, stages: [slow, answer] });
      const line = dial(t, port, secure);
      line.socket.write(`${before.map(get).join("")}${tunnel}${get("/behind")}`);
      const text = await line.ended;
      assert.deepEqual(
        text.match(/HTTP\/1\.1 \d+/g),
        before.map(() => "HTTP/1.1 200"),
      );
      assert.match(text, /connection: close[^]*}$/i);
      const records = await recorded(before.length + 1);
      assert.equal(records.length, before.length + 1);
      const refused = records.filter(({ error }) => error !== undefined);
      assert.deepEqual(
        refused.map(({ error, ending, method, target, userAgent }) => [error, ending, method, target, userAgent]),
        [["request.method", "broken-off", "CONNECT", "b.test:1", "probe/1"]],
      );
    });

  test(`over ${transport} an answer too large for the connection's buffers ends whole before CONNECT ends all`, async (t) => {
    const pieces = 100;
    const large: Stage = {
      name: "large",
      run: (exchange) =>
        exchange.act("pour", () => {
          const { reply } = exchange;
          let left = pieces;
          const pour = (): void => {
            while (left > 0) if ((left--, !reply.write(Buffer.alloc(65_536, "x")))) return;
            reply.end();
          };
          reply.onDrain(() => left >= 0 && pour());
          setTimeout(() => {
            reply.start(200, ["content-length", String(pieces * 65_536)]);
            pour();
          }, 50);
        }),
    };
    const { port } = await listening(t, { ...material, stages: [large] });
    const line = dial(t, port, secure);
    line.socket.write(`${get("/")}${tunnel}`);
    line.socket.pause();
    setTimeout(() => line.socket.resume(), 150);
    const text = await line.ended;
    assert.equal(text.length - text.indexOf("\r\n\r\n") - 4, pieces * 65_536);
  });

  test(`over ${transport} requests before a CONNECT end with their client`, async (t) => {
    const left: string[] = [];
    const never: Stage = {
      name: "never",
      run: (exchange) => exchange.act("wait", () => exchange.onLeave(() => left.push(exchange.request.target))),
    };
    const { port, gateway, recorded } = await listening(t, {
      ...material,
      stages: [never],
      listen: { limits: { idleTimeout: "300ms" } },
    });
    const line = dial(t, port, secure);
    line.socket.write(`${get("/1")}${get("/2")}${get("/3")}${tunnel}`);
    await recorded(1);
    line.socket.destroy();
    await recorded(4);
    assert.deepEqual([gateway.inFlight, left.toSorted()], [0, ["/1", "/2", "/3"]]);
  });
}

test("CONNECT behind an answer that has gone out is refused like any other", async (t) => {
  const { port } = await listening(t);
  const line = dial(t, port);
  line.socket.write(get("/"));
  await line.until(/}$/);
  line.socket.write(tunnel);
  assert.match(await line.ended, /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 501 [^]*request\.method/);
});

test("CONNECT behind the last answer of a connection is not served", async (t) => {
  const { port, recorded } = await listening(t, {
    stages: [slow, answer],
    listen: { limits: { requestsPerConnection: 1 } },
  });
  const line = dial(t, port);
  line.socket.write(`${get("/slow")}${tunnel}`);
  assert.equal((await line.ended).match(/HTTP\/1\.1/g)?.length, 1);
  assert.ok((await recorded(1)).some(({ status, ending }) => status === 200 && ending === "answered"));
});
