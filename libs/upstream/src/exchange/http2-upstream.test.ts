import assert from "node:assert/strict";
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { createSecureContext, createServer as createTls } from "node:tls";
import { request, serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { instanceAt, gatewayTo, hopTo } from "./testing.ts";

const authority = createAuthority("test");
const own = issueCertificate(authority, { name: "service", sans: ["service"], usage: "server" });
const material = { cert: own.certificate, key: own.key };
const tls = { context: createSecureContext({ ca: authority.certificate }), name: "service" };

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A service that speaks HTTP/2 alone, the sessions it has had, and a gateway before it. */
async function behind(t: TestContext, answer: Answer, firstByte = 10_000) {
  const sessions: ServerHttp2Session[] = [];
  const server = createSecureServer(material);
  server.on("session", (session) => void sessions.push(session.on("error", () => {})));
  server.on("stream", (stream, headers) =>
    answer(
      stream.on("error", () => {}),
      headers,
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const instance = instanceAt(t, origin, { tls, protocol: "h2" });
  const hop = hopTo([instance], { firstByte });
  const { gateway, records } = gatewayTo(hop);
  return { port: await serve(t, gateway), gateway, sessions, instance, records };
}

const well: Answer = (stream) => {
  stream.respond({ ":status": 200 });
  stream.end("ok");
};

const cases: { name: string; answer: Answer; method?: string; status: number; text: string | RegExp }[] = [
  { name: "an ordinary answer", answer: well, status: 200, text: "ok" },
  {
    name: "the answer to a HEAD",
    method: "HEAD",
    answer: (stream) => stream.respond({ ":status": 200, "content-length": "9" }, { endStream: true }),
    status: 200,
    text: "",
  },
  { name: "a 204", answer: (stream) => stream.respond({ ":status": 204 }, { endStream: true }), status: 204, text: "" },
  {
    name: "an answer behind a 103",
    answer: (stream) => {
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      well(stream, {});
    },
    status: 200,
    text: "ok",
  },
  {
    name: "an answer with a long head",
    answer: (stream) => {
      stream.respond({ ":status": 200, "x-long": "y".repeat(14_000) });
      stream.end("ok");
    },
    status: 200,
    text: "ok",
  },
  { name: "a reset", answer: (stream) => stream.close(2), status: 502, text: /upstream\.failed/ },
  {
    name: "a connection that breaks",
    answer: (stream) => stream.session?.destroy(),
    status: 502,
    text: /upstream\.failed/,
  },
  { name: "silence", answer: () => {}, status: 504, text: /upstream\.timeout/ },
];
for (const { name, answer, method = "POST", status, text } of cases)
  test(`${name} of a service on HTTP/2 is ${status}`, async (t) => {
    const { gateway, instance } = await behind(t, answer, status === 504 ? 800 : undefined);
    const got = await request(t, gateway, { method });
    assert.equal(got.status, status);
    if (typeof text === "string") assert.equal(got.text, text);
    else assert.match(got.text, text);
    assert.equal(instance.inFlight, 0);
  });

test("many requests share one connection, and one that is given up leaves the others alone", async (t) => {
  let held: ServerHttp2Stream | undefined;
  const { port, gateway, sessions } = await behind(t, (stream, headers) => {
    if (headers[":path"] === "/held") held = stream;
    else well(stream, headers);
  });
  assert.equal((await request(t, gateway)).text, "ok");
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /held HTTP/1.1\r\nhost: a\r\n\r\n");
  await until("it is asked", () => held !== undefined);
  const others = Promise.all(Array.from({ length: 50 }, () => request(t, gateway)));
  socket.destroy();
  for (const { text } of await others) assert.equal(text, "ok");
  await until("the service hears that it was given up", () => held!.closed);
  assert.equal(sessions.length, 1);
});

test("what was sent to a connection that is retired is not sent again behind our back", async (t) => {
  let asked = 0;
  const { gateway, sessions } = await behind(t, (stream, headers) => {
    if (headers[":path"] !== "/once") return well(stream, headers);
    asked++;
    stream.session!.goaway(0, stream.id! - 2);
  });
  assert.equal((await request(t, gateway)).status, 200);
  const { status, json } = await request(t, gateway, { method: "POST", path: "/once" });
  assert.deepEqual([status, json.type, asked], [502, "urn:tandem:problem:upstream.failed", 1]);
  assert.equal((await request(t, gateway)).status, 200);
  assert.equal(sessions.length, 2);
});

for (const length of [false, true])
  test(`an upload ${length ? "of known length" : "whose length nobody knows"} arrives whole`, async (t) => {
    const { port } = await behind(t, (stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    const sent = Buffer.alloc(3_000_000, "0123456789");
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: length ? sent : (Readable.toWeb(Readable.from([sent.subarray(0, 9), sent.subarray(9)])) as ReadableStream),
      duplex: "half",
    } as RequestInit);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(sent));
  });

test("an answer that comes before the end of the upload reaches the client", async (t) => {
  const { port } = await behind(t, (stream) => {
    stream.respond({ ":status": 413 });
    stream.end("too much");
  });
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  let text = "";
  socket.on("error", () => {}).on("data", (chunk) => (text += String(chunk)));
  socket.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
  await until("the answer", () => text.includes("too much"));
  assert.match(text, /^HTTP\/1\.1 413 /);
});

test("an upload that breaks off does not pass for a whole one, and takes no other request with it", async (t) => {
  const frames: number[] = [];
  const raw = createTls({ ...material, ALPNProtocols: ["h2"] }, (socket) => {
    let bytes = Buffer.alloc(0);
    let prefaced = false;
    socket
      .on("error", () => {})
      .on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (!prefaced && bytes.length >= 24) [bytes, prefaced] = [bytes.subarray(24), true];
        if (!prefaced) return;
        while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
          if (bytes[3] === 0) frames.push(bytes[4]!);
          bytes = bytes.subarray(9 + bytes.readUIntBE(0, 3));
        }
      });
    // Settings, and their acknowledgement.
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]));
    socket.once("close", () => (closed = true));
  });
  let closed = false;
  await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
  t.after(() => void raw.close());
  const instance = instanceAt(t, `https://127.0.0.1:${(raw.address() as AddressInfo).port}`, { tls, protocol: "h2" });
  const { gateway, records } = gatewayTo(hopTo([instance]));
  const socket = connect(await serve(t, gateway), "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
  await until("the service has the first of it", () => frames.length > 0);
  socket.destroy();
  await until("the service hears of it", () => closed && records.length === 1);
  // None of them said that it was the last.
  assert.ok(frames.every((flags) => (flags & 1) === 0));
  assert.equal(records[0]?.attempts[0]?.outcome, "aborted");
});

test("trailers come through, and so does what asks for them", async (t) => {
  let te: unknown;
  const { port } = await behind(t, (stream, headers) => {
    te = headers["te"];
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end("ok");
  });
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  socket.write("GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\r\n");
  await until("the end", () => text.endsWith("grpc-status: 0\r\n\r\n"));
  assert.equal(te, "trailers");
});

test("a connection on which nobody answers pings is replaced", async (t) => {
  let connections = 0;
  const deaf = createTls({ ...material, ALPNProtocols: ["h2"] }, (socket) => {
    connections++;
    socket.on("error", () => {}).resume();
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]));
  });
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  t.after(() => void deaf.close());
  const origin = `https://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin, { tls, protocol: "h2", pulse: 250 })]));
  assert.equal((await request(t, gateway, { method: "POST" })).status, 502);
  assert.equal((await request(t, gateway, { method: "POST" })).status, 502);
  assert.equal(connections, 2);
});

test("a service that speaks HTTP/1.1 alone is refused where HTTP/2 is said", async (t) => {
  const server = createHttps(material, (_, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  const instance = instanceAt(t, `https://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    tls,
    protocol: "h2",
  });
  const { status, json } = await request(t, gatewayTo(hopTo([instance])).gateway);
  assert.deepEqual([status, json.type], [502, "urn:tandem:problem:upstream.refused"]);
});
