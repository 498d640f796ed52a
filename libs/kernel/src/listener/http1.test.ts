import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { hygiene } from "../hygiene/stage.ts";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { authority, clientOf, dial, listening, serverMaterial } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\n";
const problemIn = (text: string) => JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));

/** Answers once the whole body has come. */
const reader: Stage = {
  name: "reader",
  run: (exchange) =>
    exchange.act("read", async () => {
      let bytes = 0;
      for await (const chunk of exchange.request.body ?? []) bytes += (chunk as Buffer).length;
      exchange.reply.send(200, [], `read ${bytes}`);
    }),
};

for (const { transport, secure, tls } of [
  { transport: "clear text", secure: undefined, tls: undefined },
  { transport: "TLS", secure: {}, tls: serverMaterial },
]) {
  const material = tls && { tls };

  test(`over ${transport} a request is answered, and the connection is kept`, async (t) => {
    const { port, listener } = await listening(t, { ...material });
    const line = dial(t, port, secure);
    line.socket.write(`${get}\r\n`);
    assert.match(await line.until(/}$/), /^HTTP\/1\.1 200 OK\r\n[^]*"method":"GET"/);
    line.socket.write(`${get}\r\n`);
    await line.until(/200 OK[^]*200 OK[^]*}$/);
    assert.deepEqual([listener.stats.open, listener.stats.accepted], [1, 1]);
  });

  for (const { name, bytes, status, code } of [
    {
      name: "a head of too many bytes",
      bytes: `${get}a: ${"x".repeat(1100)}\r\n\r\n`,
      status: 431,
      code: "request.head-too-large",
    },
    {
      name: "a path of too many bytes",
      bytes: `GET /${"x".repeat(1100)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      status: 431,
      code: "request.head-too-large",
    },
    {
      name: "too many headers",
      bytes: `${get}${"a: b\r\n".repeat(8)}\r\n`,
      status: 431,
      code: "request.head-too-large",
    },
    {
      name: "trailers of too many bytes",
      bytes: `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: ${"x".repeat(1100)}\r\n\r\n`,
      status: 431,
      code: "request.head-too-large",
    },
    { name: "what is no HTTP", bytes: "\x16\x03\x01 hello\r\n\r\n", status: 400, code: "request.malformed" },
    {
      name: "an impossible length",
      bytes: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
      status: 400,
      code: "request.framing",
    },
    {
      name: "two framings",
      bytes: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      status: 400,
      code: "request.framing",
    },
    { name: "CONNECT", bytes: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", status: 501, code: "request.method" },
    {
      name: "an expectation nobody can meet",
      bytes: `${get}Expect: a miracle\r\nConnection: close\r\n\r\n`,
      status: 417,
      code: "request.expectation",
    },
    { name: "a head that never ends", bytes: `${get}a: b`, status: 408, code: "request.timeout" },
    {
      name: "a broken chunk in the middle of a body",
      bytes: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      status: 400,
      code: "request.framing",
    },
    {
      name: "a body that never ends",
      bytes: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
      status: 408,
      code: "request.timeout",
    },
  ])
    test(`over ${transport} ${name} is a ${status} with id, record and the end of the connection`, async (t) => {
      const limits = { head: "1KiB", headers: 8, headTimeout: "150ms", requestTimeout: "300ms" };
      const { port, recorded } = await listening(t, { ...material, stages: [reader], listen: { limits } });
      const line = dial(t, port, secure);
      line.socket.write(bytes, "latin1");
      const text = await line.ended;
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(text, /\r\ncontent-type: application\/problem\+json\r\n/i);
      assert.match(text, /\r\nconnection: close\r\n/i);
      const problem = problemIn(text);
      assert.equal(problem.type, `urn:tandem:problem:${code}`);
      const [record, ...more] = await recorded(1);
      assert.equal(more.length, 0);
      assert.equal(record?.id, problem.requestId);
      // An exchange is given its header by the prelude, which this gateway has not.
      if (record?.id.startsWith("refused")) assert.match(text, new RegExp(`\\r\\nx-request-id: ${record.id}\\r\\n`));
      assert.deepEqual([record?.status, record?.error, record?.ending], [status, code, "answered"]);
      assert.equal(record?.peer?.address, "127.0.0.1");
      assert.equal(record?.peer?.tls !== undefined, tls !== undefined);
    });

  for (const { name, bytes, target } of [
    { name: "too many headers", bytes: `GET /a?b HTTP/1.1\r\n${"a: b\r\n".repeat(9)}`, target: "/a?b" },
    { name: "CONNECT", bytes: "CONNECT a:1 HTTP/1.1\r\n", target: "a:1" },
    { name: "an expectation", bytes: "GET /c HTTP/1.1\r\nExpect: a miracle\r\nConnection: close\r\n", target: "/c" },
    {
      name: "an upgrade with too many headers",
      bytes: `GET /d HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n${"a: b\r\n".repeat(9)}`,
      target: "/d",
    },
  ])
    test(`over ${transport} the record of a request refused for ${name} tells what it asked for, and who`, async (t) => {
      const { port, recorded } = await listening(t, { ...material, listen: { limits: { headers: 8 } } });
      const line = dial(t, port, secure);
      line.socket.write(`${bytes}Host: a\r\nUser-Agent: probe/1\r\n\r\n`);
      const text = await line.ended;
      const [record] = await recorded(1);
      assert.deepEqual([record?.target, record?.userAgent], [target, "probe/1"]);
      assert.match(text, new RegExp(`\\r\\nx-request-id: ${record?.id}\\r\\n`));
    });

  test(`over ${transport} a connection that says nothing is closed without a word`, async (t) => {
    const { port, records } = await listening(t, { ...material, listen: { limits: { headTimeout: "100ms" } } });
    assert.equal(await dial(t, port, secure).ended, "");
    assert.equal(records.length, 0);
  });

  test(`over ${transport} a kept connection is closed when nothing more is asked`, async (t) => {
    const { port } = await listening(t, { ...material, listen: { limits: { keepAlive: "100ms" } } });
    const line = dial(t, port, secure);
    line.socket.write(`${get}\r\n`);
    assert.match(await line.ended, /^HTTP\/1\.1 200 /);
  });

  test(`over ${transport} a connection carries only so many requests`, async (t) => {
    const { port, recorded } = await listening(t, { ...material, listen: { limits: { requestsPerConnection: 2 } } });
    const line = dial(t, port, secure);
    line.socket.write(`${get}\r\n`.repeat(3));
    const answers = (await line.ended).split("HTTP/1.1 200");
    assert.equal(answers.length, 3);
    assert.match(answers[2] ?? "", /connection: close/i);
    // The third one came too late to be answered; the record says so, too.
    assert.ok((await recorded(2)).slice(0, 2).every(({ status, ending }) => status === 200 && ending === "answered"));
  });
}

for (const version of ["2.0", "0.9"])
  for (const { name, lines, behind } of [
    { name: "a request", lines: "Connection: keep-alive\r\n", behind: "" },
    {
      name: "an ambiguous upload",
      lines: "Connection: keep-alive\r\nTransfer-Encoding: ,chunked\r\n",
      behind: "0\r\n\r\n",
    },
    { name: "an expectation", lines: "Connection: keep-alive\r\nExpect: a miracle\r\n", behind: "" },
    { name: "an upgrade", lines: "Connection: upgrade\r\nUpgrade: websocket\r\n", behind: "" },
  ])
    test(`${name} that says HTTP/${version} is a 400 with id and record, and nothing behind it is served`, async (t) => {
      const paths: string[] = [];
      const watch: Stage = { name: "watch", run: ({ request }) => void paths.push(request.path) };
      const { port, recorded } = await listening(t, { stages: [hygiene({ from: "strangers" }), watch, answer] });
      const line = dial(t, port);
      line.socket.write(`POST /echo/x HTTP/${version}\r\nHost: a.test\r\n${lines}\r\n${behind}${get}\r\n`);
      const text = await line.ended;
      assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
      assert.match(text, /^HTTP\/1\.1 400 [^]*connection: close/i);
      assert.deepEqual([problemIn(text).type, paths], ["urn:tandem:problem:request.malformed", []]);
      const [record] = await recorded(1);
      assert.deepEqual([record?.status, record?.error, record?.protocol], [400, "request.malformed", version]);
      assert.equal(record?.id, problemIn(text).requestId);
    });

test("garbage behind a request does not harm the answer under way, and is not answered", async (t) => {
  const slow: Stage = { name: "slow", run: () => delay(100) };
  const { port, recorded } = await listening(t, { stages: [slow, answer] });
  const line = dial(t, port);
  line.socket.write(`${get}\r\nnonsense\r\n\r\n`);
  const text = await line.ended;
  assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
  assert.match(text, /^HTTP\/1\.1 200 [^]*connection: close/i);
  const ends = (await recorded(2)).map(({ status, ending }) => `${status} ${ending}`);
  assert.deepEqual(new Set(ends), new Set(["0 broken-off", "200 answered"]));
});

test("a body that stops after the answer was begun breaks the answer off", async (t) => {
  const early: Stage = {
    name: "early",
    run: (exchange) =>
      exchange.act("stream", () => {
        exchange.request.body?.resume();
        exchange.reply.start(200, ["content-length", "100"]);
        exchange.reply.write(Buffer.from("begun"));
      }),
  };
  const { port, recorded } = await listening(t, {
    stages: [early],
    listen: { limits: { headTimeout: "100ms", requestTimeout: "200ms" } },
  });
  const line = dial(t, port);
  line.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  const text = await line.ended;
  assert.match(text, /begun/);
  assert.doesNotMatch(text, /408|problem/);
  const [record] = await recorded(1);
  assert.deepEqual([record?.ending, record?.error], ["broken-off", "request.timeout"]);
});

test("a body that stops after the answer was given is no second request", async (t) => {
  const { port, recorded } = await listening(t, {
    listen: { limits: { headTimeout: "100ms", requestTimeout: "200ms" } },
  });
  const line = dial(t, port);
  line.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  assert.equal((await line.ended).match(/HTTP\/1\.1/g)?.length, 1);
  assert.equal((await recorded(1)).length, 1);
});

test("whoever waits for a body that stops is told before the client is", async (t) => {
  const told: string[] = [];
  const waiting: Stage = {
    name: "waiting",
    run: (exchange) =>
      exchange.act("wait", () => exchange.onLeave(() => told.push(`left, answered: ${exchange.reply.started}`))),
  };
  const { port } = await listening(t, {
    stages: [waiting],
    listen: { limits: { headTimeout: "100ms", requestTimeout: "200ms" } },
  });
  const line = dial(t, port);
  line.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  assert.match(await line.ended, /^HTTP\/1\.1 408 /);
  assert.deepEqual(told, ["left, answered: false"]);
});

test("a client that neither reads nor writes in the middle of an exchange is let go", async (t) => {
  const never: Stage = { name: "never", run: (exchange) => exchange.act("nothing", () => {}) };
  const { port, recorded } = await listening(t, { stages: [never], listen: { limits: { idleTimeout: "150ms" } } });
  const line = dial(t, port);
  line.socket.write(`${get}\r\n`);
  await line.ended;
  assert.equal((await recorded(1))[0]?.ending, "client-left");
});

test("a request without Host reaches the stages, whose hygiene refuses it", async (t) => {
  const { port, recorded } = await listening(t);
  const line = dial(t, port);
  line.socket.write("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  await line.ended;
  assert.equal((await recorded(1)).length, 1);
});

test("a client certificate is known to the stages by its thumbprint", async (t) => {
  const client = clientOf("tier");
  const { port, recorded } = await listening(t, {
    tls: { ...serverMaterial, clients: { ca: authority.certificate, required: true } },
  });
  const line = dial(t, port, { cert: client.certificate, key: client.key });
  line.socket.write(`${get}Connection: close\r\n\r\n`);
  await line.ended;
  const thumbprint = createHash("sha256").update(new X509Certificate(client.certificate).raw).digest("base64url");
  assert.equal((await recorded(1))[0]?.peer?.tls?.certificate, thumbprint);
});
