import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError } from "@tandem/contracts/errors";
import { until } from "@tandem/platform/testing";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import type { Listener } from "./listener.ts";
import { authority, dial, listening, serverMaterial, session } from "./testing.ts";

const piece = Buffer.alloc(128 * 1024, "x");
const pieces = 16;
const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${pieces * piece.length}\r\n\r\n`;

/** Uploads two MiB, and reads from the beginning or only when all is sent; gives what it read. */
async function uploaded(
  t: TestContext,
  { port, secure, pace, reads }: { port: number; secure: boolean; pace: number; reads: "at once" | "at last" },
): Promise<string> {
  const socket: Socket = secure
    ? connectTls({ port, host: "127.0.0.1", ca: authority.certificate })
    : connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  let text = "";
  socket.on("error", (error) => (text += `[${error.message}]`));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const read = (): void => void socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  if (reads === "at once") read();
  socket.write(head);
  for (let sent = 0; sent < pieces && socket.writable; sent++) {
    if (pace > 0) await delay(pace);
    await new Promise((resolve) => socket.write(piece, resolve));
  }
  if (reads === "at last") read();
  socket.end();
  await closed;
  return text;
}

const none = (listener: Listener) => until("no connection is left", () => listener.stats.open === 0);

const refusing = (code: "identity.required" | "body.too-large"): Stage => ({
  name: "refusing",
  run: () => {
    throw new GatewayError(code);
  },
});

const transports = [
  { transport: "clear text", tls: undefined, secure: false },
  { transport: "TLS", tls: serverMaterial, secure: true },
];

for (const { transport, tls, secure } of transports)
  for (const { code, status } of [
    { code: "identity.required" as const, status: 401 },
    { code: "body.too-large" as const, status: 413 },
  ])
    for (const { name, pace, reads } of [
      { name: "sends fast", pace: 0, reads: "at once" as const },
      { name: "sends fast and reads at last", pace: 0, reads: "at last" as const },
      { name: "sends slowly", pace: 5, reads: "at once" as const },
      { name: "sends slowly and reads at last", pace: 5, reads: "at last" as const },
    ])
      test(`over ${transport} a client that ${name} gets the whole ${status} before its body was read`, async (t) => {
        const { port, listener, records } = await listening(t, { ...(tls && { tls }), stages: [refusing(code)] });
        const texts = await Promise.all(Array.from({ length: 20 }, () => uploaded(t, { port, secure, pace, reads })));
        for (const text of texts)
          assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\nconnection: close\r\n[^]*\\{[^]*\\}$`, "i"));
        assert.equal(records.length, 20);
        await none(listener);
      });

for (const { transport, tls, secure } of transports)
  test(`over ${transport} a client that takes seconds to send what nobody wants gets its answer at last`, async (t) => {
    const { port, listener } = await listening(t, { ...(tls && { tls }), stages: [refusing("body.too-large")] });
    assert.match(await uploaded(t, { port, secure, pace: 150, reads: "at last" }), /^HTTP\/1\.1 413 [^]*\}$/);
    await none(listener);
  });

/** Reads a little of the body, and refuses it while the rest is held back. */
const halfway: Stage = {
  name: "halfway",
  run: (exchange) =>
    exchange.act("read", () => {
      const { body } = exchange.request;
      body?.once("data", () => {
        body.pause();
        setTimeout(() => exchange.fail(new GatewayError("body.too-large")), 50);
      });
    }),
};

for (const { transport, tls, secure } of transports)
  test(`over ${transport} an answer in the middle of a body arrives too`, async (t) => {
    const { port } = await listening(t, { ...(tls && { tls }), stages: [halfway] });
    const upload = { port, secure, pace: 0, reads: "at last" as const };
    for (const text of await Promise.all(Array.from({ length: 20 }, () => uploaded(t, upload))))
      assert.match(text, /^HTTP\/1\.1 413 [^]*\}$/);
  });

test("what follows a body that was refused unread is no request, however much it looks like one", async (t) => {
  const { port, recorded } = await listening(t, { stages: [refusing("body.too-large")] });
  const line = dial(t, port);
  line.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12");
  await line.until(/}$/);
  line.socket.write("345GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await line.ended).match(/HTTP\/1\.1/g)?.length, 1);
  assert.equal((await recorded(1)).length, 1);
});

for (const { transport, tls, secure } of transports)
  test(`over ${transport} what is pipelined behind the last answer is not served`, async (t) => {
    const paths: string[] = [];
    const refuse: Stage = {
      name: "refuse",
      run({ request }) {
        paths.push(request.target);
        if (request.body) throw new GatewayError("body.too-large");
      },
    };
    const { port, recorded } = await listening(t, { ...(tls && { tls }), stages: [refuse, answer] });
    const line = dial(t, port, secure ? {} : undefined);
    const post = "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    line.socket.write(`${post}GET /behind HTTP/1.1\r\nHost: a\r\n\r\n${post}`);
    assert.equal((await line.ended).match(/HTTP\/1\.1/g)?.length, 1);
    assert.deepEqual(paths, ["/refused"]);
    assert.equal((await recorded(1)).length, 1);
  });

test("a client that goes on for ever is cut off", async (t) => {
  const { port, listener } = await listening(t, { stages: [refusing("body.too-large")] });
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  socket.on("error", () => {}).resume();
  let sent = 0;
  const more = (): void => void socket.write(piece, () => ((sent += piece.length), socket.writable && more()));
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", more);
  const since = performance.now();
  await new Promise((resolve) => socket.once("close", resolve));
  assert.ok(performance.now() - since < 3000);
  assert.ok(sent < 32 * 1024 * 1024, String(sent));
  await none(listener);
});

/** Streams an answer a moment after the first piece of the body has come, and reads no further. */
const hasty: Stage = {
  name: "hasty",
  run: (exchange) =>
    exchange.act("stream", async () => {
      const { request, reply } = exchange;
      await new Promise((resolve) => request.body?.once("data", resolve));
      request.body?.pause();
      await delay(20);
      reply.start(200, request.protocol === "2" ? [] : ["transfer-encoding", "chunked"]);
      reply.write(Buffer.from("begun "));
      await delay(20);
      reply.write(Buffer.from("ended"));
      reply.end();
    }),
};

test("a streamed answer that ends before the body has come ends the connection", async (t) => {
  const { port, recorded } = await listening(t, { stages: [hasty] });
  const line = dial(t, port);
  line.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  await line.until(/ended/);
  line.socket.write("\r\n...GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.match(await line.ended, /^HTTP\/1\.1 200 [^]*begun [^]*ended\r\n0\r\n\r\n$/);
  assert.deepEqual([(await recorded(1)).length, (await recorded(1))[0]?.ending], [1, "answered"]);
});

test("a streamed answer that begins after the body has come keeps the connection", async (t) => {
  const { port } = await listening(t, { stages: [hasty] });
  const line = dial(t, port);
  const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nfull";
  line.socket.write(post);
  await line.until(/0\r\n\r\n$/);
  line.socket.write(post);
  assert.match(await line.until(/200 OK[^]*200 OK[^]*0\r\n\r\n$/), /200 OK[^]*200 OK[^]*ended/);
});

test("a streamed answer that ends before the body has come ends a stream, and not its session", async (t) => {
  const { port, recorded } = await listening(t, { tls: serverMaterial, stages: [hasty] });
  const client = session(t, port);
  for (let turn = 1; turn <= 2; turn++) {
    const stream = client.request({ ":path": "/", ":method": "POST" });
    let text = "";
    stream.on("data", (chunk) => (text += String(chunk))).on("error", () => {});
    stream.write("half");
    await new Promise((resolve) => stream.once("close", resolve));
    assert.deepEqual([text, stream.rstCode], ["begun ended", 0]);
    assert.equal((await recorded(turn))[turn - 1]?.ending, "answered");
  }
});
