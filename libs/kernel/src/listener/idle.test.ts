import assert from "node:assert/strict";
import { constants } from "node:http2";
import { test } from "node:test";
import { until } from "@tandem/platform/testing";
import type { Stage } from "../stage.ts";
import { ask, dial, listening, serverMaterial, session } from "./testing.ts";

const limits = { idleTimeout: "200ms", requestTimeout: "5m", headTimeout: "10s", keepAlive: "100ms" };
const never: Stage = { name: "never", run: (exchange) => exchange.act("nothing", () => {}) };
const reader: Stage = {
  name: "reader",
  run: (exchange) =>
    exchange.act("read", () => {
      exchange.request.body?.resume();
    }),
};
/** Answers without end, whether anybody reads it or not. */
const flood: Stage = {
  name: "flood",
  run: (exchange) =>
    exchange.act("flood", () => {
      const { reply } = exchange;
      const pour = (): void => {
        while (reply.write(Buffer.alloc(65_536))) if (reply.gone) return;
      };
      exchange.request.body?.resume();
      reply.onDrain(pour);
      reply.start(200, []);
      pour();
    }),
};
const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const http2Post = { ":path": "/", ":method": "POST" };

for (const { transport, tls, secure } of [
  { transport: "clear text", tls: undefined, secure: undefined },
  { transport: "TLS", tls: serverMaterial, secure: {} },
]) {
  const material = { ...(tls && { tls }), listen: { limits } };

  for (const { name, stages, bytes } of [
    { name: "a body that is read", stages: [reader], bytes: post },
    { name: "a body that nobody has read yet", stages: [never], bytes: post },
    { name: "a first head", stages: [never], bytes: "GET / HTTP/1.1\r\nHost" },
  ])
    test(`over ${transport} ${name} and stalls is a 408 when nothing moved for too long`, async (t) => {
      const { port, recorded } = await listening(t, { ...material, stages });
      const line = dial(t, port, secure);
      line.socket.write(bytes);
      const text = await line.ended;
      assert.match(text, /^HTTP\/1\.1 408 [^]*\r\ncontent-type: application\/problem\+json\r\n/i);
      assert.match(text, /\r\nconnection: close\r\n/i);
      const [record, ...more] = await recorded(1);
      assert.deepEqual([record?.status, record?.error, more], [408, "request.timeout", []]);
      assert.match(text, new RegExp(`"requestId":"${record?.id}"`));
    });

  test(`over ${transport} a further head that stalls on a kept connection is a 408 too`, async (t) => {
    const { port, recorded } = await listening(t, { ...material });
    const line = dial(t, port, secure);
    line.socket.write(get);
    await line.until(/}$/);
    line.socket.write(get.slice(0, 20));
    assert.match(await line.ended, /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 408 [^]*request\.timeout/);
    assert.deepEqual(
      (await recorded(2)).map(({ status }) => status),
      [200, 408],
    );
  });

  test(`over ${transport} a connection that is idle between two requests is closed without a word`, async (t) => {
    const { port, recorded } = await listening(t, { ...material });
    const line = dial(t, port, secure);
    line.socket.write(get);
    assert.equal((await line.ended).match(/HTTP\/1\.1/g)?.length, 1);
    assert.equal((await recorded(1)).length, 1);
  });

  for (const { name, bytes } of [
    { name: "an answer", bytes: get },
    { name: "an answer that began before its request had come", bytes: post },
  ])
    test(`over ${transport} ${name} that the client does not read ends without a 408`, async (t) => {
      const { port, listener, recorded } = await listening(t, { ...material, stages: [flood] });
      const line = dial(t, port, secure);
      line.socket.pause();
      line.socket.write(bytes);
      const [record, ...more] = await recorded(1);
      assert.deepEqual([record?.status, record?.error, record?.ending], [200, undefined, "client-left"]);
      assert.deepEqual(more, []);
      await until("no connection is left", () => listener.stats.open === 0);
    });
}

test("an upload that stalls behind an answer that never comes is let go in the end", async (t) => {
  const { port, recorded } = await listening(t, { listen: { limits }, stages: [never] });
  const line = dial(t, port);
  line.socket.write(`${get}${post}`);
  assert.equal(await line.ended, "");
  const ends = (await recorded(2)).map(({ error, ending }) => `${error} ${ending}`);
  assert.deepEqual(ends.toSorted(), ["request.timeout client-left", "undefined client-left"]);
});

for (const { name, stages } of [
  { name: "that is read", stages: [reader] },
  { name: "that nobody has read yet", stages: [never] },
])
  test(`over HTTP/2 a body ${name} and stalls is a 408, and the session goes on`, async (t) => {
    const { port, recorded } = await listening(t, { tls: serverMaterial, listen: { limits }, stages });
    const client = session(t, port);
    const { status, json, code } = await ask(client, http2Post, null);
    assert.deepEqual([status, json.type, code], [408, "urn:tandem:problem:request.timeout", 0]);
    const [record] = await recorded(1);
    assert.deepEqual([record?.id, record?.error, record?.ending], [json.requestId, "request.timeout", "answered"]);
    assert.equal((await ask(client, http2Post, null)).status, 408);
  });

test("over HTTP/2 a request that has come whole, and was not read, is no stalled upload", async (t) => {
  const { port, recorded } = await listening(t, { tls: serverMaterial, listen: { limits }, stages: [never] });
  const { status, code } = await ask(session(t, port), http2Post, "whole");
  assert.deepEqual([status, code], [0, constants.NGHTTP2_CANCEL]);
  assert.deepEqual([(await recorded(1))[0]?.error, (await recorded(1))[0]?.ending], [undefined, "client-left"]);
});
