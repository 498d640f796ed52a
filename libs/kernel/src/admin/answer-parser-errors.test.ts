import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test, type TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createAdmin } from "./admin.ts";
import { answerParserErrors } from "./answer-parser-errors.ts";
import { adminSchema } from "./config.ts";
import { createReadiness } from "./readiness.ts";

const get = "GET /healthz HTTP/1.1\r\nHost: a\r\n";

/** Sends bytes to an admin plane, and gives all that comes back. */
async function said(t: TestContext, bytes: string): Promise<string> {
  const plane = createAdmin({
    config: adminSchema({ port: 0 }).parse({}),
    readiness: createReadiness({}),
    metrics: (_, response) => void response.end(),
    view: () => ({}),
    requestId: () => "request-1",
    logger: silentLogger,
  });
  const { port } = await plane.listen();
  t.after(() => plane.close());
  return heard(port, bytes);
}

async function heard(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes, "latin1");
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  await once(socket, "close");
  return text;
}

for (const { name, bytes, status, code } of [
  { name: "what is no HTTP", bytes: "\x16\x03\x01 hello\r\n\r\n", status: 400, code: "request.malformed" },
  {
    name: "a head of too many bytes",
    bytes: `${get}a: ${"x".repeat(9000)}\r\n\r\n`,
    status: 431,
    code: "request.head-too-large",
  },
  {
    name: "two framings",
    bytes: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    status: 400,
    code: "request.framing",
  },
  {
    name: "an expectation nobody can meet",
    bytes: `${get}Expect: a miracle\r\nConnection: close\r\n\r\n`,
    status: 417,
    code: "request.expectation",
  },
])
  test(`${name} is a ${status} problem of the admin plane, and the connection ends`, async (t) => {
    const text = await said(t, bytes);
    assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
    assert.match(
      text,
      new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\ncontent-type: application/problem\\+json\\r\\n`, "i"),
    );
    assert.match(text, /\r\nconnection: close\r\n/i);
    const problem = JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));
    assert.deepEqual([problem.type, problem.requestId], [`urn:tandem:problem:${code}`, "request-1"]);
  });

/** A server whose requests wait for 50 ms, or longer than the test. */
async function slow(t: TestContext, wait: number): Promise<number> {
  const server = createServer(
    { headersTimeout: 150, requestTimeout: 300, connectionsCheckingInterval: 25 },
    (_, response) => void setTimeout(() => response.end("done"), wait).unref(),
  );
  answerParserErrors(server, () => "request-1");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("a head that never ends is a 408", async (t) => {
  assert.match(await heard(await slow(t, 0), `${get}a: b`), /^HTTP\/1\.1 408 [^]*request\.timeout/);
});

test("a body that never ends is a 408 only where nothing else was answered", async (t) => {
  const text = await heard(await slow(t, 0), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(text, /problem/);
});

test("garbage behind a request is not answered in the place of that request", async (t) => {
  assert.doesNotMatch(await heard(await slow(t, 50), `${get}\r\nnonsense\r\n\r\n`), /problem/);
});

test("a connection that says nothing is closed without a word", async (t) => {
  assert.equal(await heard(await slow(t, 0), ""), "");
});
