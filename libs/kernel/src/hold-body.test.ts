import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { until } from "@tandem/platform/testing";
import { HeldBytes } from "./held-bytes.ts";
import { holdBody } from "./hold-body.ts";
import { dial } from "./listener/testing.ts";
import { createGateway } from "./gateway.ts";
import { exchangeOf, rawRequest, request, serve } from "./testing.ts";
import type { Stage } from "./stage.ts";

const cases = [
  { name: "a body within the limit is held", pieces: ["ab", "cd"], limit: 4, held: "whole" },
  { name: "a body beyond the limit is left to be streamed", pieces: ["ab", "cd", "e"], limit: 4, held: "too-long" },
  { name: "a single piece beyond the limit is put back as well", pieces: ["abcde"], limit: 4, held: "too-long" },
  { name: "an empty body is held as such", pieces: [], limit: 4, held: "whole" },
] as const;
for (const { name, pieces, limit, held } of cases)
  test(name, async () => {
    const { exchange } = exchangeOf({
      method: "POST",
      body: Readable.from(
        pieces.map((piece) => Buffer.from(piece)),
        { objectMode: false },
      ),
    });
    const view = exchange.request;
    assert.equal(await holdBody(view, limit), held);
    const left = view.body ? Buffer.concat(await view.body.toArray()) : view.content;
    assert.equal(String(left), pieces.join(""));
    assert.equal(view.body === undefined, held === "whole");
  });

test("a declared length beyond the limit is not even begun", async () => {
  let read = false;
  const body = new Readable({ read: () => void (read = true) });
  const { exchange } = exchangeOf({ method: "POST", body, rawHeaders: ["content-length", "5"] });
  assert.equal(await holdBody(exchange.request, 4), "too-long");
  assert.equal(read, false);
});

test("who asks second is answered at once, by the limit of their own", async () => {
  const { exchange } = exchangeOf({ method: "POST", body: Readable.from([Buffer.from("abc")]) });
  assert.equal(await holdBody(exchange.request, 4), "whole");
  assert.equal(await holdBody(exchange.request, 3), "whole");
  assert.equal(await holdBody(exchange.request, 2), "too-long");
  assert.equal(await holdBody(exchangeOf().exchange.request, 2), "none");
});

test("a body that breaks off is the client's doing, one that a stage broke off keeps its problem", async () => {
  const broken = (error?: Error): Readable =>
    new Readable({
      read() {
        this.destroy(error);
      },
    });
  const aborted = exchangeOf({ method: "POST", body: broken(new Error("reset")) }).exchange.request;
  await assert.rejects(holdBody(aborted, 9), { code: "request.aborted" });
  const silent = exchangeOf({ method: "POST", body: broken() }).exchange.request;
  await assert.rejects(holdBody(silent, 9), { code: "request.aborted" });
  const refused = exchangeOf({ method: "POST", body: broken(new GatewayError("body.too-large")) }).exchange.request;
  await assert.rejects(holdBody(refused, 9), { code: "body.too-large" });
});

const bodyOf = (...pieces: string[]): Readable =>
  Readable.from(
    pieces.map((piece) => Buffer.from(piece)),
    { objectMode: false },
  );

test("a declared body is counted before it is here, and no longer than it is held", async () => {
  const heldBytes = new HeldBytes(10);
  const body = new PassThrough();
  const { request } = exchangeOf({ method: "POST", body, rawHeaders: ["content-length", "4"] }).exchange;
  request.headers = request.rawHeaders;
  request.heldBytes = heldBytes;
  const holding = holdBody(request, 8);
  assert.equal(heldBytes.now, 4);
  body.end("abcd");
  assert.equal(await holding, "whole");
  assert.equal(heldBytes.now, 4);
  request.releaseRoom();
  request.releaseRoom();
  assert.equal(heldBytes.now, 0);
});

test("a body of unknown length is counted as the longest, until it is here", async () => {
  const heldBytes = new HeldBytes(10);
  const { request } = exchangeOf({ method: "POST", body: bodyOf("abc") }).exchange;
  request.heldBytes = heldBytes;
  const holding = holdBody(request, 8);
  assert.equal(heldBytes.now, 8);
  assert.equal(await holding, "whole");
  assert.equal(heldBytes.now, 3);
});

test("without room a body is left as it was", async () => {
  const { request } = exchangeOf({ method: "POST", body: bodyOf("abc") }).exchange;
  request.heldBytes = new HeldBytes(7);
  assert.equal(await holdBody(request, 8), "no-room");
  assert.equal(request.heldBytes.now, 0);
  assert.equal(String(Buffer.concat(await request.body!.toArray())), "abc");
});

test("a body that is put back, or breaks off, is counted no more", async () => {
  const heldBytes = new HeldBytes(10);
  const long = exchangeOf({ method: "POST", body: bodyOf("abcdef", "ghi") }).exchange.request;
  const reset = new Readable({ read: () => void reset.destroy(new Error("reset")) });
  const broken = exchangeOf({ method: "POST", body: reset }).exchange.request;
  for (const request of [long, broken]) request.heldBytes = heldBytes;
  assert.equal(await holdBody(long, 8), "too-long");
  assert.equal(heldBytes.now, 0);
  await assert.rejects(holdBody(broken, 8), { code: "request.aborted" });
  assert.equal(heldBytes.now, 0);
});

test("an exchange that ends while its body is read is counted until nothing more is read", async () => {
  const heldBytes = new HeldBytes(10);
  const body = new PassThrough();
  const { request } = exchangeOf({ method: "POST", body }).exchange;
  request.heldBytes = heldBytes;
  const holding = holdBody(request, 8);
  request.releaseRoom();
  assert.equal(heldBytes.now, 8);
  body.end("abc");
  await holding;
  assert.equal(heldBytes.now, 0);
});

test("clients that declare a body and leave, and those that send it, leave nothing counted behind", async (t) => {
  const heldBytes = new HeldBytes(40);
  const held = createGateway([hold], undefined, { heldBytes });
  const port = await serve(t, held);
  const head = "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
  const clients = Array.from({ length: 5 }, () => dial(t, port));
  for (const { socket } of clients) socket.write(`${head}2\r\nab\r\n`);
  await until("all are being read", () => heldBytes.now === 40);
  assert.match(await rawRequest(t, held, `${head}2\r\nab\r\n0\r\n\r\n`), /no-room ab/);
  for (const { socket } of clients.slice(1)) socket.destroy();
  clients[0]!.socket.write("0\r\n\r\n");
  assert.match(await clients[0]!.ended, /whole ab/);
  await until("nothing is held", () => heldBytes.now === 0);
});

const hold: Stage = {
  name: "hold",
  async run(exchange) {
    const held = await holdBody(exchange.request, 8);
    const body = exchange.request.body
      ? Buffer.concat(await exchange.request.body.toArray())
      : exchange.request.content;
    return exchange.act("tell", () => exchange.reply.send(200, [], `${held} ${String(body)}`));
  },
};
const gateway = createGateway([hold]);

for (const body of ["short", "rather a long one"])
  test(`over a real connection, a body of ${body.length} bytes arrives whole`, async (t) => {
    const { text } = await request(t, gateway, { method: "POST", body });
    assert.equal(text, `${body.length > 8 ? "too-long" : "whole"} ${body}`);
    const chunked = `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    assert.match(
      await rawRequest(t, gateway, chunked),
      new RegExp(`${body.length > 8 ? "too-long" : "whole"} ${body}`),
    );
  });
