import assert from "node:assert/strict";
import { on, once } from "node:events";
import { test, type TestContext } from "node:test";
import { WebSocket } from "ws";
import { catalog } from "./catalog.ts";
import { echo } from "./echo.ts";
import { demo } from "./testing.ts";

async function opened(t: TestContext, port: number): Promise<{ client: WebSocket; next: () => Promise<unknown[]> }> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/echo/ws?room=1`, { headers: { "x-seen": "yes" } });
  t.after(() => client.terminate());
  const messages = on(client, "message");
  const next = async (): Promise<unknown[]> => {
    const [data, binary] = (await messages.next()).value ?? [];
    return [(data as Buffer).toString(), binary];
  };
  await once(client, "open");
  return { client, next };
}

test("a socket first learns what its handshake looked like", async (t) => {
  const { port } = await demo(t, echo);
  const { next } = await opened(t, port);
  const first = JSON.parse(String((await next())[0]));
  assert.deepEqual([first.instance, first.url, first.headers["x-seen"]], ["echo-test", "/echo/ws?room=1", "yes"]);
});

test("a socket gets back what it sends, as it was sent", async (t) => {
  const { port } = await demo(t, echo);
  const { client, next } = await opened(t, port);
  await next();
  client.send("text");
  client.send(Buffer.from("bytes"));
  assert.deepEqual(await next(), ["text", false]);
  assert.deepEqual(await next(), ["bytes", true]);
});

test("a message beyond the limit closes the socket", async (t) => {
  const { port } = await demo(t, echo);
  const { client } = await opened(t, port);
  client.send(Buffer.alloc(1024 * 1024 + 1));
  const [code] = await once(client, "close");
  assert.equal(code, 1009);
});

test("closing the instance says goodbye to its sockets, and their spans end", async (t) => {
  const server = await demo(t, echo);
  const { client } = await opened(t, server.port);
  const left = once(client, "close");
  await server.close(AbortSignal.timeout(5000));
  assert.equal((await left)[0], 1001);
  const { spans } = server;
  assert.deepEqual([spans[0]?.name, spans[0]?.attributes["http.response.status_code"]], ["GET /echo/ws", 101]);
});

test("no other path and no other service takes a socket", async (t) => {
  const [echoing, other] = [await demo(t, echo), await demo(t, catalog)];
  for (const url of [`ws://127.0.0.1:${echoing.port}/echo`, `ws://127.0.0.1:${other.port}/echo/ws`]) {
    const [error] = await once(new WebSocket(url), "error");
    assert.match(error.message, /404/, url);
  }
});
