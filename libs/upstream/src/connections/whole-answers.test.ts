import assert from "node:assert/strict";
import { connect, type AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { createSecureContext, createServer, type TLSSocket } from "node:tls";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { gatewayTo, hopTo, instanceAt } from "../exchange/testing.ts";

const authority = createAuthority("test");
const own = issueCertificate(authority, { name: "service", sans: ["service"], usage: "server" });
const tls = { context: createSecureContext({ ca: authority.certificate }), name: "service" };

const types = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 };
const endStream = 1;
const endHeaders = 4;

function frame(
  [type, flags]: readonly [number, number],
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** `:status: 200`, out of HPACK's own table. */
const head = (stream: number, flags = 0): Buffer =>
  frame([types.headers, endHeaders | flags], stream, Buffer.from([0x88]));
const data = (stream: number, flags = 0): Buffer => frame([types.data, flags], stream, Buffer.from("half"));
const reset = (stream: number, code: number): Buffer => frame([types.reset, 0], stream, Buffer.from([0, 0, 0, code]));
/** A literal `x: y`. */
const trailers = (stream: number): Buffer =>
  frame([types.headers, endHeaders | endStream], stream, Buffer.from([0, 1, 0x78, 1, 0x79]));

type Act = (socket: TLSSocket, stream: number) => unknown;

/** Calls `act` for each request that comes; otherwise does only what HTTP/2 demands. */
async function frames(t: TestContext, act: Act): Promise<string> {
  const server = createServer({ cert: own.certificate, key: own.key, ALPNProtocols: ["h2"] }, (socket) => {
    let bytes = Buffer.alloc(0);
    let prefaced = false;
    socket.write(frame([types.settings, 0], 0));
    t.after(() => socket.destroy());
    socket
      .on("error", () => {})
      .on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (!prefaced && bytes.length >= 24) [bytes, prefaced] = [bytes.subarray(24), true];
        if (!prefaced) return;
        while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
          const end = 9 + bytes.readUIntBE(0, 3);
          if (bytes[3] === types.settings && bytes[4] === 0) socket.write(frame([types.settings, 1], 0));
          if (bytes[3] === types.ping && bytes[4] === 0)
            socket.write(frame([types.ping, 1], 0, bytes.subarray(9, end)));
          if (bytes[3] === types.headers) act(socket, bytes.readUInt32BE(5));
          bytes = bytes.subarray(end);
        }
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a client gets, and how the attempt ended; `began` tells that the first of it has come through. */
async function ask(t: TestContext, act: (began: () => Promise<unknown>) => Act, upload = false) {
  let text = "";
  const began = (): Promise<unknown> => until("the answer begins", () => text.includes("half"));
  const instance = instanceAt(t, await frames(t, act(began)), { tls, protocol: "h2" });
  const { gateway, records } = gatewayTo(hopTo([instance]));
  const socket = connect(await serve(t, gateway), "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => {}).on("data", (chunk) => (text += String(chunk)));
  const question = upload ? ["POST", "content-length: 9"] : ["GET", "te: trailers"];
  socket.write(`${question[0]} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${question[1]}\r\n\r\n`);
  await until("the end", () => records.length === 1 && socket.closed);
  assert.equal(instance.inFlight, 0);
  return { text, outcome: records[0]!.attempts[0]!.outcome };
}

const broken: { name: string; last: (stream: number) => Buffer | undefined }[] = [
  ...[0, 2, 8].map((code) => ({ name: `a reset with code ${code}`, last: (stream: number) => reset(stream, code) })),
  {
    name: "a connection that is given up",
    last: (stream) => frame([types.goAway, 0], 0, Buffer.from([0, 0, 0, stream, 0, 0, 0, 2])),
  },
  { name: "a connection that closes", last: () => undefined },
];

for (const { name, last } of broken)
  for (const later of [false, true])
    test(`half an answer is no whole one on HTTP/2: ${name}${later ? ", later" : ""}`, async (t) => {
      const got = await ask(t, (began) => async (socket, stream) => {
        const bytes = last(stream);
        if (!later)
          return bytes
            ? socket.write(Buffer.concat([head(stream), data(stream), bytes]))
            : socket.end(Buffer.concat([head(stream), data(stream)]));
        socket.write(Buffer.concat([head(stream), data(stream)]));
        await began();
        return bytes ? socket.write(bytes) : socket.end();
      });
      assert.ok(!got.text.endsWith("0\r\n\r\n"), got.text);
      assert.equal(got.outcome, "reset");
    });

const whole: { name: string; answer: (stream: number) => Buffer[]; end: string; upload?: boolean }[] = [
  { name: "data", answer: (stream) => [head(stream), data(stream, endStream)], end: "half\r\n0\r\n\r\n" },
  { name: "the head", answer: (stream) => [head(stream, endStream)], end: "\r\n\r\n0\r\n\r\n" },
  {
    name: "trailers",
    answer: (stream) => [head(stream), data(stream), trailers(stream)],
    end: "half\r\n0\r\nx: y\r\n\r\n",
  },
  {
    name: "empty data",
    answer: (stream) => [head(stream), data(stream), frame([types.data, endStream], stream)],
    end: "half\r\n0\r\n\r\n",
  },
  {
    name: "data before a reset that means the upload",
    answer: (stream) => [head(stream), data(stream, endStream), reset(stream, 0)],
    end: "half\r\n0\r\n\r\n",
    upload: true,
  },
];

for (const { name, answer, end, upload } of whole)
  for (const later of [false, true])
    test(`an answer on HTTP/2 ends with ${name}${later ? ", piece by piece" : ""}`, async (t) => {
      const got = await ask(
        t,
        () => async (socket, stream) => {
          const pieces = answer(stream);
          for (const piece of later ? pieces : [Buffer.concat(pieces)]) {
            socket.write(piece);
            await turn();
          }
        },
        upload,
      );
      assert.match(got.text, /^HTTP\/1\.1 200 /);
      assert.ok(got.text.endsWith(end), got.text);
      assert.equal(got.outcome, "answered");
    });
