import assert from "node:assert/strict";
import { constants } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { ask, dial, listening, serverMaterial, session } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
const slow: Stage = { name: "slow", run: () => delay(150) };
const never: Stage = { name: "never", run: (exchange) => exchange.act("nothing", () => {}) };

/** Sends its head at once and the rest when it is told to. */
function streaming(): { stage: Stage; finish: () => void } {
  let finish = (): void => {};
  const stage: Stage = {
    name: "streaming",
    run: (exchange) =>
      exchange.act("stream", () => {
        exchange.reply.start(200, ["content-length", "10"]);
        exchange.reply.write(Buffer.from("begun"));
        finish = () => {
          exchange.reply.write(Buffer.from("ended"));
          exchange.reply.end();
        };
      }),
  };
  return { stage, finish: () => finish() };
}

async function timed(closing: Promise<void>): Promise<number> {
  const start = performance.now();
  await closing;
  return performance.now() - start;
}

for (const { transport, tls, secure } of [
  { transport: "clear text", tls: undefined, secure: undefined },
  { transport: "TLS", tls: serverMaterial, secure: {} },
]) {
  const material = tls && { tls };

  test(`over ${transport} an idle connection is closed at once, and no new one is taken`, async (t) => {
    const { port, listener } = await listening(t, { ...material });
    const line = dial(t, port, secure);
    line.socket.write(get);
    await line.until(/}$/);
    assert.ok((await timed(listener.close(5000))) < 2000);
    await line.ended;
    const refused = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => {
      refused.once("error", () => resolve());
      refused.once("connect", () => reject(new Error("connected")));
    });
  });

  test(`over ${transport} a connection that never asked anything is closed soon`, async (t) => {
    const { port, listener } = await listening(t, { ...material });
    const line = dial(t, port, secure);
    await new Promise<void>((resolve) => line.socket.once(secure ? "secureConnect" : "connect", () => resolve()));
    await delay(20);
    assert.ok((await timed(listener.close(5000))) < 3000);
    assert.equal(await line.ended, "");
  });

  test(`over ${transport} a request under way is finished and told that it is the last`, async (t) => {
    const { port, listener, recorded } = await listening(t, { ...material, stages: [slow, answer] });
    const line = dial(t, port, secure);
    line.socket.write(get);
    while (listener.stats.open === 0) await delay(5);
    await delay(50);
    const took = await timed(listener.close(5000));
    assert.match(await line.ended, /^HTTP\/1\.1 200 [^]*connection: close[^]*}$/i);
    assert.ok(took < 3000, String(took));
    assert.equal((await recorded(1))[0]?.ending, "answered");
  });

  test(`over ${transport} an answer that was begun before is finished, and its connection closed`, async (t) => {
    const { stage, finish } = streaming();
    const { port, listener } = await listening(t, { ...material, stages: [stage] });
    const line = dial(t, port, secure);
    line.socket.write(get);
    await line.until(/begun/);
    const closing = listener.close(5000);
    await delay(100);
    finish();
    assert.ok((await timed(closing)) < 3000);
    assert.match(await line.ended, /begunended$/);
  });

  test(`over ${transport} what does not finish in time is broken off`, async (t) => {
    const { port, listener, recorded } = await listening(t, { ...material, stages: [never] });
    const line = dial(t, port, secure);
    line.socket.write(get);
    while (listener.stats.open === 0) await delay(5);
    await delay(50);
    const took = await timed(listener.close(200));
    assert.ok(took >= 190 && took < 3000, String(took));
    await line.ended;
    assert.equal((await recorded(1))[0]?.ending, "client-left");
    assert.equal(listener.stats.open, 0);
  });
}

test("a session is told to go, what it asked for is finished, and nothing new is taken", async (t) => {
  const { port, listener } = await listening(t, { tls: serverMaterial, stages: [slow, answer] });
  const client = session(t, port);
  const codes: number[] = [];
  client.on("goaway", (code) => codes.push(code));
  const under = ask(client, { ":path": "/" });
  await delay(80);
  const took = await timed(listener.close(5000));
  assert.equal((await under).status, 200);
  assert.ok(took < 3000, String(took));
  assert.equal(codes[0], constants.NGHTTP2_NO_ERROR);
});

test("an idle session is closed at once", async (t) => {
  const { port, listener } = await listening(t, { tls: serverMaterial });
  const client = session(t, port);
  await ask(client, { ":path": "/" });
  assert.ok((await timed(listener.close(5000))) < 2000);
});

test("a stream that does not finish in time is broken off", async (t) => {
  const { port, listener, recorded } = await listening(t, { tls: serverMaterial, stages: [never] });
  const under = ask(session(t, port), { ":path": "/" });
  while (listener.stats.open === 0) await delay(5);
  await delay(50);
  assert.ok((await timed(listener.close(200))) < 3000);
  await under;
  assert.equal((await recorded(1))[0]?.ending, "client-left");
});

/** Sends back what comes on an upgraded connection, and answers nothing else. */
const tunnel: Stage = {
  name: "tunnel",
  run: (exchange) =>
    exchange.act("upgrade", () => {
      if (exchange.transport.kind !== "upgrade") return;
      const { socket } = exchange.transport;
      exchange.record.status = 101;
      socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      socket.pipe(socket, { end: false });
    }),
};
const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

for (const { transport, tls, secure } of [
  { transport: "clear text", tls: undefined, secure: undefined },
  { transport: "TLS", tls: serverMaterial, secure: {} },
])
  test(`over ${transport} upgraded connections are closed as soon as nothing else is left`, async (t) => {
    const { port, listener, recorded } = await listening(t, { ...(tls && { tls }), stages: [tunnel] });
    const lines = [dial(t, port, secure), dial(t, port, secure)];
    for (const line of lines) {
      line.socket.write(upgrade);
      await line.until(/101/);
    }
    const took = await timed(listener.close(10_000));
    assert.ok(took < 1000, String(took));
    for (const line of lines) assert.match(await line.ended, /\r\n\r\n$/);
    assert.deepEqual(
      (await recorded(2)).map(({ status, ending }) => `${status} ${ending}`),
      ["101 answered", "101 answered"],
    );
  });

test("an upgraded connection goes on while a request is finished, for as long as the grace", async (t) => {
  const { port, listener } = await listening(t, { stages: [tunnel] });
  const [line, other] = [dial(t, port), dial(t, port)];
  line.socket.write(upgrade);
  await line.until(/101/);
  other.socket.write(get);
  await delay(50);
  const closing = listener.close(700);
  await delay(300);
  line.socket.write("still there");
  await line.until(/still there$/);
  const took = await timed(closing);
  assert.ok(took > 200 && took < 2000, String(took));
  assert.match(await line.ended, /still there$/);
});

test("an upgraded connection whose client does not hang up is closed all the same", async (t) => {
  const { port, listener } = await listening(t, { stages: [tunnel] });
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  let text = "";
  socket.on("error", () => {}).on("data", (chunk) => (text += String(chunk)));
  socket.write(upgrade);
  while (!text.includes("101")) await delay(5);
  const took = await timed(listener.close(10_000));
  assert.ok(took < 3000, String(took));
});

test("closing twice is closing once, and what never listened closes too", async (t) => {
  const { listener } = await listening(t);
  const first = listener.close(100);
  assert.equal(listener.close(0), first);
  await first;
});
