import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ask } from "@tandem/platform/testing";
import { echo } from "./echo.ts";
import { demo } from "./testing.ts";

test("a request is shown as it arrived", async (t) => {
  const { port } = await demo(t, echo);
  const { status, json } = await ask(port, "/echo/./a%2Fb?x=1&x=2?", {
    method: "PUT",
    headers: { "X-Twice": ["a", "b"], "X-Once": "c" },
    body: "hello",
  });
  assert.equal(status, 200);
  assert.equal(json.method, "PUT");
  assert.equal(json.path, "/echo/./a%2Fb");
  assert.equal(json.query, "?x=1&x=2?");
  assert.deepEqual(json.headers["x-twice"], ["a", "b"]);
  assert.equal(json.headers["x-once"], "c");
  assert.deepEqual([json.body, json.bodyLength, json.instance], ["hello", 5, "echo-test"]);
});

test("of a large body only the beginning is shown", async (t) => {
  const { port } = await demo(t, echo);
  const { json } = await ask(port, "/echo", { method: "POST", body: "x".repeat(200_000) });
  assert.deepEqual([json.body.length, json.bodyLength], [65_536, 200_000]);
});

test("a status is given on request", async (t) => {
  const { port } = await demo(t, echo);
  for (const code of [201, 204, 304, 404, 503])
    assert.equal((await ask(port, `/echo/status?code=${code}`)).status, code);
});

test("numbers that are out of range are refused", async (t) => {
  const { port } = await demo(t, echo);
  for (const path of ["/echo/status?code=100", "/echo/status?code=abc", "/echo/slow?ms=-1", "/echo/stream?chunks=0"])
    assert.equal((await ask(port, path)).status, 400, path);
});

test("a slow answer takes its time", async (t) => {
  const { port } = await demo(t, echo);
  const began = performance.now();
  assert.equal((await ask(port, "/echo/slow?ms=80")).status, 200);
  assert.ok(performance.now() - began >= 75);
});

test("a client that leaves a slow answer ends it, and the span says so", async (t) => {
  const server = await demo(t, echo);
  const sent = get({ port: server.port, host: "127.0.0.1", path: "/echo/slow?ms=60000" });
  sent.on("error", () => {});
  await pause(50);
  sent.destroy();
  await server.close(AbortSignal.timeout(5000));
  const { failure, attributes } = server.spans[0] ?? {};
  assert.deepEqual(
    [failure, attributes?.["http.response.status_code"], attributes?.["network.peer.address"]],
    ["the client left", undefined, "127.0.0.1"],
  );
});

test("a stream arrives in pieces", async (t) => {
  const { port } = await demo(t, echo);
  const sent = get({ port, host: "127.0.0.1", path: "/echo/stream?chunks=3&ms=20", agent: false });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const pieces: string[] = [];
  for await (const piece of response) pieces.push(String(piece));
  assert.deepEqual(pieces, ["1 of 3 from echo-test\n", "2 of 3 from echo-test\n", "3 of 3 from echo-test\n"]);
});

test("whoever accepts events gets events", async (t) => {
  const { port } = await demo(t, echo);
  const answer = await ask(port, "/echo/stream?chunks=2&ms=0", { headers: { accept: "text/event-stream" } });
  assert.equal(answer.headers["content-type"], "text/event-stream");
  assert.equal(answer.text, "id: 1\ndata: 1 of 2 from echo-test\n\nid: 2\ndata: 2 of 2 from echo-test\n\n");
});

test("a long stream waits for a slow reader, and ends when the reader leaves", async (t) => {
  const server = await demo(t, echo);
  const sent = get({ port: server.port, host: "127.0.0.1", path: "/echo/stream?chunks=10000&ms=0", agent: false });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.on("error", () => {});
  await pause(50);
  response.destroy();
  const began = performance.now();
  await server.close(AbortSignal.timeout(5000));
  assert.ok(performance.now() - began < 2000);
});
