import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { listening } from "@tandem/kernel/listener/testing";
import { send } from "./send.ts";
import { hopTo, instanceAt, rawUpstream } from "./testing.ts";

const piece = Buffer.alloc(128 * 1024);
const pieces = 64;

/** Sends eight MiB before it reads a byte of the answer. */
async function uploaded(port: number): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let text = "";
  socket.on("error", (error) => (text += `[${error.message}]`));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${pieces * piece.length}\r\n\r\n`);
  for (let sent = 0; sent < pieces && socket.writable; sent++)
    await new Promise((resolve) => socket.write(piece, resolve));
  socket.on("data", (chunk) => (text += String(chunk))).end();
  await closed;
  return text;
}

const endings: { name: string; service: (socket: Socket) => void; expected: RegExp }[] = [
  { name: "stops reading", service: (s) => void s.pause(), expected: /^HTTP\/1\.1 504 [^]*upstream\.timeout[^]*}$/ },
  { name: "resets", service: (s) => void s.resetAndDestroy(), expected: /^HTTP\/1\.1 502 [^]*upstream\.failed[^]*}$/ },
  {
    name: "answers",
    service: (s) => void s.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nno!"),
    expected: /^HTTP\/1\.1 403 [^]*no!$/,
  },
  {
    name: "streams an answer",
    service: (s) => {
      s.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nso f\r\n");
      setTimeout(() => s.write("2\r\nar\r\n0\r\n\r\n"), 50);
    },
    expected: /^HTTP\/1\.1 200 [^]*so f[^]*ar\r\n0\r\n\r\n$/,
  },
];

for (const { name, service, expected } of endings)
  test(`a client learns how it ended when the service ${name} in the middle of its upload`, async (t) => {
    const origin = await rawUpstream(t, (socket, _, earlier) => {
      if (earlier === 3) service(socket);
    });
    const instance = instanceAt(t, origin);
    const hop = hopTo([instance], { firstByte: name === "stops reading" ? 200 : 10_000 });
    const { port, records } = await listening(t, {
      stages: [
        hygiene({ from: "strangers" }),
        { name: "send", run: (exchange) => exchange.act("send", () => send(exchange, hop)) },
      ],
    });
    const texts = await Promise.all(Array.from({ length: 5 }, () => uploaded(port)));
    for (const text of texts) assert.match(text, expected);
    assert.equal(instance.inFlight, 0);
    // Whoever uploads may have brought it about: a pool holds it against nobody.
    for (const { outcome, uploading } of records.flatMap(({ attempts }) => attempts))
      assert.equal(uploading, outcome === "reset" ? true : undefined);
  });
