import assert from "node:assert/strict";
import { test } from "node:test";
import { echo } from "./echo.ts";
import { demo, openSocket } from "./testing.ts";

test("a socket first learns what its handshake looked like", async (t) => {
  const { port } = await demo(t, echo);
  const { next } = await openSocket(t, `ws://127.0.0.1:${port}/echo/ws?room=1`, { headers: { "x-seen": "yes" } });
  const first = JSON.parse((await next())[0]);
  assert.deepEqual([first.instance, first.url, first.headers["x-seen"]], ["echo-test", "/echo/ws?room=1", "yes"]);
});

test("a socket gets back what it sends, as it was sent", async (t) => {
  const { port } = await demo(t, echo);
  const { client, next } = await openSocket(t, `ws://127.0.0.1:${port}/echo/ws`);
  await next();
  client.send("text");
  client.send(Buffer.from("bytes"));
  assert.deepEqual(await next(), ["text", false]);
  assert.deepEqual(await next(), ["bytes", true]);
});

test("a message beyond the limit closes the socket", async (t) => {
  const { port } = await demo(t, echo);
  const { client, closed } = await openSocket(t, `ws://127.0.0.1:${port}/echo/ws`);
  client.send(Buffer.alloc(1024 * 1024 + 1));
  assert.equal(await closed, 1009);
});
