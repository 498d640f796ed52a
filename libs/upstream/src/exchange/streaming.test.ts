import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { rawRequest, request, serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { gatewayTo, hopTo, instanceAt, rawUpstream, upstream } from "./testing.ts";

test("method, target, host, headers and body arrive as they were sent", async (t) => {
  let seen = "";
  const origin = await upstream(t, async (asked, response) => {
    const body = await asked.toArray();
    seen = `${asked.method} ${asked.url} ${asked.headers.host} ${asked.headers["user-agent"]} ${Buffer.concat(body).toString()}`;
    response
      .writeHead(201, ["X-Kept", "1", "Set-Cookie", "a=1", "Set-Cookie", "b=2", "Keep-Alive", "timeout=9"])
      .end("made");
  });
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin)]));
  const headers = { host: "a.test:99", "user-agent": "caf\u00e9", "content-length": "5" };
  const { status, text, ...answer } = await request(t, gateway, {
    method: "POST",
    path: "/p?q=1",
    headers,
    body: Buffer.from("hello"),
  });
  assert.equal(seen, "POST /p?q=1 a.test:99 caf\u00e9 hello");
  assert.deepEqual(
    [status, text, answer.headers["x-kept"], answer.headers["set-cookie"]],
    [201, "made", "1", ["a=1", "b=2"]],
  );
  assert.notEqual(answer.headers["keep-alive"], "timeout=9");
  const [attempt] = records[0]?.attempts ?? [];
  assert.deepEqual([attempt?.target, attempt?.status, attempt?.outcome], ["orders", 201, "answered"]);
  assert.ok(attempt && attempt.startedAt <= attempt.firstByteAt! && attempt.firstByteAt! <= attempt.endedAt!);
  assert.deepEqual([records[0]?.bytesIn, records[0]?.bytesOut], [5, 4]);
});

/** Sends each piece once the one before has got as far as it goes, and gives all that comes back. */
async function converse(port: number, pieces: readonly string[], taken: (piece: number) => boolean): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await until(`piece ${index} has been taken`, () => taken(index - 1));
    socket.write(piece);
  }
  let text = "";
  for await (const piece of socket) text += String(piece);
  return text;
}

/** A bar stands for a wait: until the request is on its way, and then until the service has all that was sent of its body. */
const framings: { name: string; sent: string; framing: RegExp; not: RegExp }[] = [
  {
    name: "a known length stays known",
    sent: "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
    framing: /content-length: 5\r\n/,
    not: /transfer-encoding/,
  },
  {
    name: "chunks stay chunks",
    sent: "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n|5\r\nhello\r\n|0\r\n\r\n",
    framing: /transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/,
    not: /content-length/,
  },
  {
    name: "a GET with a body is framed by its length",
    sent: "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
    framing: /content-length: 5\r\n\r\nhello$/,
    not: /transfer-encoding/,
  },
  {
    name: "a DELETE with chunks is framed by them",
    sent: "DELETE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n|5\r\nhello\r\n|0\r\n\r\n",
    framing: /transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/,
    not: /content-length/,
  },
  {
    name: "a GET without body has no framing",
    sent: "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    framing: /\r\n\r\n$/,
    not: /content-length|transfer-encoding/,
  },
  {
    name: "an empty POST says so",
    sent: "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    framing: /content-length: 0\r\n\r\n$/,
    not: /transfer-encoding/,
  },
  {
    name: "an expectation was met by us",
    sent: "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\nhello",
    framing: /content-length: 5\r\n/,
    not: /expect/,
  },
  {
    name: "chunks that are all there become a length",
    sent: "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    framing: /content-length: 5\r\n\r\nhello$/,
    not: /transfer-encoding/,
  },
  {
    name: "trailers are dropped",
    sent: "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n|5\r\nhello\r\n|0\r\nx-t: 1\r\n\r\n",
    framing: /chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/,
    not: /x-t/,
  },
];

for (const { name, sent, framing, not } of framings)
  test(name, async (t) => {
    let bytes = "";
    const origin = await rawUpstream(t, (socket, piece) => {
      bytes += piece;
      if (framing.test(bytes)) setTimeout(() => socket.end("HTTP/1.1 204 No Content\r\n\r\n"), 20);
    });
    const instance = instanceAt(t, origin);
    const { gateway } = gatewayTo(hopTo([instance]));
    const taken = (piece: number): boolean => (piece === 0 ? instance.inFlight === 1 : bytes.includes("hello"));
    assert.match(
      await converse(await serve(t, gateway), sent.split("|"), taken),
      /^HTTP\/1\.1 (100 Continue\r\n\r\nHTTP\/1\.1 )?204 /,
    );
    assert.match(bytes, framing);
    assert.doesNotMatch(bytes, not);
  });

const answers: { name: string; method?: string; answer: string; expected: RegExp }[] = [
  {
    name: "HEAD keeps the length of what is not there",
    method: "HEAD",
    answer: "200 OK\r\ncontent-length: 99\r\n\r\n",
    expected: /^HTTP\/1\.1 200 OK\r\ncontent-length: 99\r\n[^]*\r\n\r\n$/,
  },
  {
    name: "a 204 has no length, whatever the service says",
    answer: "204 No Content\r\ncontent-length: 3\r\n\r\n",
    expected: /^HTTP\/1\.1 204 (?![^]*(content-length|transfer-encoding))[^]*\r\n\r\n$/,
  },
  {
    name: "204 has no body",
    answer: "204 No Content\r\n\r\n",
    expected: /^HTTP\/1\.1 204 (?![^]*(content-length|transfer-encoding))[^]*\r\n\r\n$/,
  },
  {
    name: "304 keeps its length and has no body",
    answer: '304 Not Modified\r\ncontent-length: 99\r\netag: "a"\r\n\r\n',
    expected: /^HTTP\/1\.1 304 [^]*\r\n\r\n$/,
  },
  {
    name: "an early hint is dropped",
    answer: "103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    expected: /^HTTP\/1\.1 200 OK\r\n(?![^]*link)[^]*\r\n\r\nok$/,
  },
  {
    name: "an empty answer is whole",
    answer: "200 OK\r\ncontent-length: 0\r\n\r\n",
    expected: /^HTTP\/1\.1 200 OK\r\ncontent-length: 0\r\n[^]*\r\n\r\n$/,
  },
  {
    name: "chunks stay chunks, without their trailers",
    answer: "200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-t: 1\r\n\r\n",
    expected: /transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n$/i,
  },
];

for (const { name, method = "GET", answer, expected } of answers)
  test(name, async (t) => {
    const origin = await rawUpstream(t, (socket) => socket.write(`HTTP/1.1 ${answer}`));
    const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)]));
    assert.match(
      await rawRequest(t, gateway, `${method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`),
      expected,
    );
  });

test("what follows an answer of known length never reaches a client", async (t) => {
  const origin = await rawUpstream(t, (socket, _, earlier) =>
    socket.write(
      earlier === 0
        ? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
        : "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood",
    ),
  );
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin, { connections: 1 })]));
  assert.equal((await request(t, gateway)).text, "ok");
  assert.equal((await request(t, gateway)).text, "ok");
});

test("the first piece of an answer does not wait for the last one", async (t) => {
  const { promise: gotFirst, resolve: getFirst } = Promise.withResolvers<void>();
  const origin = await upstream(t, async (_, response) => {
    response.write("first");
    await gotFirst;
    response.end("last");
  });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)]));
  const sent = ask({ host: "127.0.0.1", port: await serve(t, gateway), agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  assert.equal(String((await once(response, "data"))[0]), "first");
  getFirst();
  assert.equal(String((await once(response, "data"))[0]), "last");
});

test("a client that does not read makes the service wait, and gets everything in the end", async (t) => {
  const size = 32 * 1024 * 1024;
  let written = 0;
  const origin = await upstream(t, async (_, response) => {
    response.writeHead(200, { "content-length": size });
    for (const piece = Buffer.alloc(65_536); written < size; written += piece.length)
      if (!response.write(piece)) await once(response, "drain");
    response.end();
  });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)], { idle: 2_000 }));
  const socket = connect(await serve(t, gateway), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  await until("the answer begins", () => written > 0);
  // Longer than the idle timeout: it is the client that is slow, not the service.
  await sleep(3_000);
  assert.ok(written < size / 2, `${written} bytes were taken from the service for a client that reads nothing`);
  let read = 0;
  for await (const piece of socket) read += (piece as Buffer).length;
  assert.ok(read > size);
});

test("a service that does not read makes the client wait, and the time to the first byte runs", async (t) => {
  const origin = await rawUpstream(t, (socket) => socket.pause());
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin)], { firstByte: 150 }));
  const sent = ask({ host: "127.0.0.1", port: await serve(t, gateway), method: "POST", agent: false });
  let written = 0;
  sent.on("error", () => {});
  const more = (): void => {
    while (!sent.destroyed && written < 64 * 1024 * 1024) {
      written += 65_536;
      if (!sent.write(Buffer.alloc(65_536))) return void sent.once("drain", more);
    }
  };
  more();
  await until("the exchange has ended", () => records.length === 1);
  sent.destroy();
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken for a service that reads nothing`);
  assert.equal(records[0]?.error, "upstream.timeout");
});

test("a slow upload takes none of the time to the first byte", async (t) => {
  const origin = await upstream(t, async (asked, response) => response.end(String((await asked.toArray()).length > 0)));
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)], { firstByte: 1_000 }));
  const sent = ask({ host: "127.0.0.1", port: await serve(t, gateway), method: "POST", agent: false });
  sent.write("a");
  await sleep(2_000);
  sent.end("b");
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
});

test("an answer that comes before the upload is read reaches the client, and ends its connection", async (t) => {
  const origin = await upstream(t, (_, response) => response.writeHead(413).end("too much"));
  const instance = instanceAt(t, origin);
  const { gateway } = gatewayTo(hopTo([instance]));
  const sent = ask({ host: "127.0.0.1", port: await serve(t, gateway), method: "POST", agent: false });
  sent.on("error", () => {});
  sent.write("the beginning of something long");
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  assert.deepEqual([response.statusCode, response.headers.connection], [413, "close"]);
  assert.equal(String(await response.toArray()), "too much");
  assert.equal(instance.inFlight, 0);
});
