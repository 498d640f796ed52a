import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Stage } from "../stage.ts";
import { answer, rawRequest } from "../testing.ts";
import { createGateway } from "../gateway.ts";
import { hygiene } from "./stage.ts";

// Each attack ends in bytes that are a request of their own to whoever finds another end of the first. Whatever the
// answer is, no stage may see them, and the connection must not go on.
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: example.test\r\n\r\n";

/** Sends bytes through hygiene, and gives the answer with the paths that got past it. */
async function send(t: TestContext, bytes: string): Promise<{ text: string; paths: string[] }> {
  const paths: string[] = [];
  const watch: Stage = { name: "watch", run: ({ request }) => void paths.push(request.path) };
  const text = await rawRequest(t, createGateway([hygiene({ from: "strangers" }), watch, answer]), bytes);
  return { text, paths };
}

const head = (...lines: string[]): string =>
  `${["POST /first HTTP/1.1", "Host: example.test", ...lines].join("\r\n")}\r\n\r\n`;

const controls: { name: string; bytes: string }[] = [
  { name: "a plain length", bytes: `${head("Content-Length: 5", "Connection: close")}hello` },
  { name: "no body", bytes: head("Content-Length: 0", "Connection: close") },
  {
    name: "a chunked body",
    bytes: `${head("Transfer-Encoding: chunked", "Connection: close")}5\r\nhello\r\n0\r\n\r\n`,
  },
  {
    name: "announced trailers",
    bytes: `${head("Transfer-Encoding: chunked", "Trailer: X-Sum", "Connection: close")}1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n`,
  },
];

for (const { name, bytes } of controls) {
  test(`a request with ${name} passes`, async (t) => {
    const { text, paths } = await send(t, bytes);
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.deepEqual(paths, ["/first"]);
    assert.doesNotMatch(text, /trailer|transfer-encoding"/i);
  });
}

const attacks: { name: string; lines: string[]; body?: string; by: "us" | "parser" }[] = [
  { name: "a comma before chunked", lines: ["Transfer-Encoding: ,chunked"], by: "us" },
  { name: "an upper-case chunked", lines: ["Transfer-Encoding: Chunked"], by: "us" },
  { name: "chunked twice in one line", lines: ["Transfer-Encoding: chunked, chunked"], by: "parser" },
  { name: "an encoding before chunked", lines: ["Transfer-Encoding: gzip, chunked"], by: "us" },
  { name: "chunked in two lines", lines: ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], by: "parser" },
  { name: "identity before chunked", lines: ["Transfer-Encoding: identity", "Transfer-Encoding: chunked"], by: "us" },
  { name: "chunked with a parameter", lines: ["Transfer-Encoding: chunked;a=b"], by: "parser" },
  { name: "an unknown encoding", lines: ["Transfer-Encoding: xchunked"], by: "parser" },
  { name: "chunked that is not last", lines: ["Transfer-Encoding: chunked, identity"], by: "parser" },
  { name: "chunked behind obs-text", lines: ["Transfer-Encoding: \xa0chunked"], by: "parser" },
  { name: "chunked behind a vertical tab", lines: ["Transfer-Encoding: \x0bchunked"], by: "parser" },
  { name: "an encoding and a length", lines: ["Transfer-Encoding: chunked", "Content-Length: 4"], by: "parser" },
  { name: "a length and an encoding", lines: ["Content-Length: 4", "Transfer-Encoding: chunked"], by: "parser" },
  { name: "two lengths", lines: ["Content-Length: 0", "Content-Length: 44"], by: "parser" },
  { name: "one length twice", lines: ["Content-Length: 0", "Content-Length: 0"], by: "parser" },
  { name: "a list of lengths", lines: ["Content-Length: 0, 0"], by: "parser" },
  { name: "a signed length", lines: ["Content-Length: +0"], by: "parser" },
  { name: "a negative length", lines: ["Content-Length: -1"], by: "parser" },
  { name: "a hexadecimal length", lines: ["Content-Length: 0x0"], by: "parser" },
  { name: "an octal length", lines: ["Content-Length: 00"], by: "us" },
  { name: "an empty length", lines: ["Content-Length:"], by: "parser" },
  { name: "a length under an underscore", lines: ["Content_Length: 44"], body: "", by: "us" },
  { name: "an encoding under an underscore", lines: ["Transfer_Encoding: chunked"], body: "", by: "us" },
  { name: "a space before the colon", lines: ["Content-Length : 44"], by: "parser" },
  { name: "a space before the name", lines: [" Content-Length: 44"], by: "parser" },
  { name: "a folded header", lines: ["X-A: b", "\tContent-Length: 44"], by: "parser" },
  { name: "a bare CR in a value", lines: ["X-A: b\rContent-Length: 44"], by: "parser" },
  { name: "a bare LF after a header", lines: ["X-A: b\nContent-Length: 44"], by: "parser" },
  { name: "NUL in a value", lines: ["X-A: b\0"], by: "parser" },
  { name: "a control character in a value", lines: ["X-A: \x01b"], by: "parser" },
  { name: "DEL in a value", lines: ["X-A: b\x7f"], by: "parser" },
  { name: "NUL in a name", lines: ["X\0A: b"], by: "parser" },
  { name: "a header without a name", lines: [": b"], by: "parser" },
  { name: "a chunk size with a sign", lines: ["Transfer-Encoding: chunked"], body: "+0\r\n\r\n", by: "parser" },
  { name: "a chunk size with a prefix", lines: ["Transfer-Encoding: chunked"], body: "0x0\r\n\r\n", by: "parser" },
  { name: "a bare LF after a chunk size", lines: ["Transfer-Encoding: chunked"], body: "0\n\r\n", by: "parser" },
];

for (const { name, lines, body = "0\r\n\r\n", by } of attacks) {
  test(`a request with ${name} is refused, and ends its connection`, async (t) => {
    const { text, paths } = await send(t, head(...lines) + body + smuggled);
    assert.ok(!paths.includes("/smuggled"), "the second request was seen");
    // Whoever refuses a body has passed its head.
    const wrong = by === "us" || body === "0\r\n\r\n" ? [] : ["/first"];
    assert.ok(paths.length <= wrong.length, `${paths.join()} got through`);
    assert.equal(text.match(/^HTTP\/1\.1 2/gm)?.length ?? 0, paths.length);
    if (by === "us") {
      assert.match(text, /^HTTP\/1\.1 400 /);
      assert.match(text, /urn:tandem:problem:request\.(framing|header)/);
    }
    assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length ?? 0, 1, text);
  });
}

for (const version of ["2.0", "0.9"])
  for (const line of ["Transfer-Encoding: ,chunked", "Transfer-Encoding: chunked", "Content-Length: 5", "X-A: b"])
    test(`HTTP/${version} with ${line} is refused, whatever its framing, and ends its connection`, async (t) => {
      const first = [`POST /first HTTP/${version}`, "Host: example.test", "Connection: keep-alive", line];
      const body = { T: "0\r\n\r\n", C: "hello", X: "" }[line[0]!] ?? "";
      const { text, paths } = await send(t, `${first.join("\r\n")}\r\n\r\n${body}${smuggled}`);
      assert.deepEqual(paths, []);
      assert.match(text, /^HTTP\/1\.1 400 [^]*connection: close[^]*urn:tandem:problem:request\.malformed/i);
      assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, text);
    });

test("HTTP/1.0 has no transfer encoding", async (t) => {
  const refused = await send(
    t,
    `POST /first HTTP/1.0\r\nHost: example.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  );
  assert.deepEqual(refused.paths, []);
  assert.match(refused.text, /^HTTP\/1\.1 400 /);
  const passed = await send(t, `POST /first HTTP/1.0\r\nHost: example.test\r\nContent-Length: 2\r\n\r\nhi`);
  assert.deepEqual(passed.paths, ["/first"]);
});
