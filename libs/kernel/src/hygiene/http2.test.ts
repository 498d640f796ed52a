import assert from "node:assert/strict";
import { connect, createServer, type OutgoingHttpHeaders } from "node:http2";
import { connect as dial, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { createGateway } from "../gateway.ts";
import { answer, exchangeOf } from "../testing.ts";
import type { Stage } from "../stage.ts";
import { hygiene } from "./stage.ts";

/** Serves hygiene over HTTP/2 in clear text until the test ends; gives the port. */
async function serve(t: TestContext, stages: readonly Stage[]): Promise<number> {
  const gateway = createGateway(stages);
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** One HTTP/2 request through hygiene. */
async function ask(t: TestContext, headers: OutgoingHttpHeaders): Promise<{ status: number; text: string }> {
  const client = connect(`http://127.0.0.1:${await serve(t, [hygiene({ from: "strangers" }), answer])}`);
  t.after(() => client.close());
  const stream = client.request(
    { ":method": "GET", ":authority": "example.test", ":path": "/", ...headers },
    { endStream: true },
  );
  let status = 0;
  stream.on("response", (fields) => (status = Number(fields[":status"])));
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return { status, text };
}

test("the host of an HTTP/2 request is its authority, and no pseudo-header goes further", async (t) => {
  const { status, text } = await ask(t, {
    ":authority": "API.example.test:8443",
    ":path": "/a?b",
    "x-a": "1",
    te: "trailers",
  });
  assert.equal(status, 200);
  const seen = JSON.parse(text);
  assert.equal(seen.host, "api.example.test");
  assert.equal(seen.path, "/a");
  assert.deepEqual(seen.headers, ["x-a", "1", "te", "trailers", "host", "api.example.test:8443"]);
});

test("cookies that HTTP/2 has split are one line again", async (t) => {
  const { text } = await ask(t, { cookie: ["a=1", "b=2"] });
  assert.deepEqual(JSON.parse(text).headers.slice(0, 2), ["cookie", "a=1; b=2"]);
});

const refused: { name: string; headers: OutgoingHttpHeaders; code: string }[] = [
  { name: "another Host than the authority", headers: { host: "evil.test" }, code: "request.host" },
  { name: "a dot segment", headers: { ":path": "/a/%2e%2e/admin" }, code: "request.path" },
  { name: "a backslash", headers: { ":path": "/a\\..\\admin" }, code: "request.path" },
  { name: "a scheme of its own", headers: { ":scheme": "file" }, code: "request.malformed" },
  { name: "a method that HTTP/1 does not know", headers: { ":method": "BREW" }, code: "request.method" },
  { name: "a lower-case method", headers: { ":method": "get" }, code: "request.method" },
  { name: "an underscore", headers: { x_custom: "1" }, code: "request.header" },
];

for (const { name, headers, code } of refused) {
  test(`an HTTP/2 request with ${name} is refused: ${code}`, async (t) => {
    const { status, text } = await ask(t, headers);
    assert.equal(status, code === "request.method" ? 501 : 400);
    assert.equal(JSON.parse(text).type, `urn:tandem:problem:${code}`);
  });
}

const refusedTwice: { name: string; headers: OutgoingHttpHeaders; code: string }[] = [
  { name: "a user in the authority", headers: { ":authority": "a@example.test" }, code: "request.host" },
  { name: "a path without its slash", headers: { ":path": "admin" }, code: "request.path" },
  { name: "an absolute target", headers: { ":path": "http://example.test/" }, code: "request.path" },
];

for (const { name, headers, code } of refusedTwice) {
  test(`an HTTP/2 request with ${name} is refused by the parser, and would be by us`, async (t) => {
    await assert.rejects(ask(t, headers), { code: "ERR_HTTP2_STREAM_ERROR" });
    const fields = { ":authority": "example.test", ":path": "/", ...headers };
    const rawHeaders = Object.entries(fields).flatMap(([field, value]) => [field, String(value)]);
    const { exchange } = exchangeOf({ protocol: "2", target: fields[":path"], rawHeaders });
    assert.throws(() => hygiene({ from: "strangers" }).run(exchange), { code });
  });
}

test("a Host that says the same as the authority passes", async (t) => {
  assert.equal((await ask(t, { host: "EXAMPLE.test" })).status, 200);
});

test("what only HTTP/1.1 has is refused where HTTP/2 should carry it", () => {
  for (const [name, value] of [
    ["transfer-encoding", "chunked"],
    ["upgrade", "websocket"],
    ["content-length", "1, 1"],
  ] as const) {
    const { exchange } = exchangeOf({ protocol: "2", rawHeaders: [":authority", "example.test", name, value] });
    assert.throws(() => hygiene({ from: "strangers" }).run(exchange), { name: "GatewayError" });
    assert.equal(exchange.request.peer.distrusted, undefined);
  }
});

/** A frame of HTTP/2 (RFC 9113, 4.1). */
function frame(type: number, flags: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.set([type, flags], 3);
  // Settings belong to the connection, the request to its first stream.
  head.writeUInt32BE(type === 4 ? 0 : 1, 5);
  return Buffer.concat([head, payload]);
}

/** A header field that is not compressed (RFC 7541, 6.2.2). */
const literal = (name: string, value: string): Buffer =>
  Buffer.from(`\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`, "latin1");

test("a control character in a value never gets past the parser of HTTP/2", async (t) => {
  const seen: string[] = [];
  const watch: Stage = { name: "watch", run: ({ request }) => void seen.push(...request.headers) };
  const port = await serve(t, [hygiene({ from: "strangers" }), watch, answer]);
  const fields = [
    literal(":method", "GET"),
    literal(":path", "/"),
    literal(":scheme", "http"),
    literal(":authority", "a.test"),
  ];
  for (const value of ["\x01", "a\x1fb", "\x7f", "a\0", "a\r\nb: c", " a", "a\t"]) fields.push(literal("x-bad", value));
  fields.push(literal("x-good", "a\tb"));
  const socket = dial(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  socket.write(Buffer.concat([frame(4, 0), frame(1, 5, Buffer.concat(fields))]));
  for (const deadline = Date.now() + 2000; seen.length === 0 && Date.now() < deadline;)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(seen, ["x-good", "a\tb", "host", "a.test"]);
});
