import assert from "node:assert/strict";
import { createServer, request as send, type IncomingMessage } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { pipeline, Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, request, serve } from "@tandem/kernel/testing";
import { BoundedBody } from "./bounded-body.ts";
import { bodyLimit } from "./stage.ts";

const limit = 1000;
const chunk = Buffer.alloc(400, "x");

/** Stands in for hygiene: believes every header. */
const believe: Stage = {
  name: "believe",
  run({ request: view }) {
    view.headers = view.rawHeaders.map((part, index) => (index % 2 === 0 ? part.toLowerCase() : part));
  },
};

interface Upstream {
  readonly stage: Stage;
  /** The first bytes have come. */
  readonly begun: Promise<void>;
  /** What became of the body: its length when whole. */
  readonly ended: Promise<number | "broken off">;
}

/** A stage that streams the body to a real upstream, and the upstream's account of it. */
async function upstream(t: TestContext, { answersEarly = false } = {}): Promise<Upstream> {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<number | "broken off">();
  const server = createServer((received, response) => {
    let length = 0;
    received.on("data", (data: Buffer) => {
      length += data.length;
      begun.resolve();
    });
    received.on("end", () => ended.resolve(length));
    received.on("error", () => ended.resolve("broken off"));
    if (answersEarly) response.writeHead(200).write("early");
    else received.on("end", () => response.end(String(length)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  const run: Stage["run"] = (exchange) =>
    exchange.act("forward", () => {
      const onward = send({ port, host: "127.0.0.1", method: "POST", agent: false }, (response) => {
        exchange.reply.start(response.statusCode ?? 0, []);
        response.on("data", (data: Buffer) => exchange.reply.write(data));
        response.on("end", () => exchange.reply.end());
        response.on("error", () => {});
      });
      pipeline(exchange.request.body!, onward, (error) => error && exchange.fail(error));
    });
  return { stage: { name: "forward", run }, begun: begun.promise, ended: ended.promise };
}

/** Sends a chunk without declaring a length, and the rest once the upstream has seen it. */
function post(port: number, begun: Promise<void>, rest: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = send({ host: "127.0.0.1", port, method: "POST", agent: false });
    sent.on("error", reject);
    sent.on("response", (response: IncomingMessage) => {
      let text = "";
      response.on("data", (data: Buffer) => (text += String(data)));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.write(chunk);
    void begun.then(() => sent.end(rest));
  });
}

test("a declared length beyond the limit is refused before a byte of it is read", async (t) => {
  const answer = await request(t, [believe, bodyLimit({ limit })], {
    method: "POST",
    headers: { "content-length": "1001" },
    body: Buffer.alloc(1001),
  });
  assert.equal(answer.status, 413);
  assert.equal(answer.json.type, "urn:tandem:problem:body.too-large");
  assert.equal(answer.json.limit, limit);
  assert.equal(answer.headers["connection"], "close");
});

test("a declared length within the limit costs nothing", () => {
  const stream = Readable.from(["x"]);
  const { exchange } = exchangeOf({ body: stream, rawHeaders: ["content-length", "1000"] });
  assert.equal(bodyLimit({ limit }).run(exchange), undefined);
  assert.equal(exchange.request.body, stream);
});

test("a request without a body passes", () => {
  const { exchange } = exchangeOf();
  assert.equal(bodyLimit({ limit }).run(exchange), undefined);
  assert.equal(exchange.request.body, undefined);
});

test("an undeclared body within the limit arrives whole", async (t) => {
  const { stage, begun, ended } = await upstream(t);
  const port = await serve(t, createGateway([believe, bodyLimit({ limit }), stage]));
  assert.deepEqual(await post(port, begun, chunk), { status: 200, text: "800" });
  assert.equal(await ended, 800);
});

test("an undeclared body beyond the limit is cut with 413, and the upstream sees it break off", async (t) => {
  const { stage, begun, ended } = await upstream(t);
  const port = await serve(t, createGateway([believe, bodyLimit({ limit }), stage]));
  const answer = await post(port, begun, Buffer.concat([chunk, chunk]));
  assert.equal(answer.status, 413);
  assert.equal(JSON.parse(answer.text).type, "urn:tandem:problem:body.too-large");
  assert.equal(await ended, "broken off");
});

test("an answer that has begun is broken off", async (t) => {
  const { stage, ended: taken } = await upstream(t, { answersEarly: true });
  const port = await serve(t, createGateway([believe, bodyLimit({ limit }), stage]));
  const sent = send({ host: "127.0.0.1", port, method: "POST", agent: false });
  sent.on("error", () => {});
  sent.write(chunk);
  const response = await new Promise<IncomingMessage>((resolve) => sent.on("response", resolve));
  const ended = new Promise((resolve) => response.on("error", resolve).on("end", () => resolve("whole")));
  response.resume();
  sent.write(chunk);
  sent.write(chunk);
  assert.notEqual(await ended, "whole");
  assert.equal(await taken, "broken off");
});

test("over HTTP/2 a body without a length is counted too", { timeout: 5000 }, async (t) => {
  const { stage, begun, ended } = await upstream(t);
  const gateway = createGateway([believe, bodyLimit({ limit }), stage]);
  const server = createHttp2Server((incoming, response) => gateway.handle(incoming, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => (session.destroy(), server.close()));
  const sent = session.request({ ":method": "POST", ":path": "/" });
  sent.on("error", () => {});
  const status = new Promise((resolve) => sent.on("response", (headers) => resolve(headers[":status"])));
  const closed = new Promise((resolve) => sent.on("close", resolve));
  sent.write(chunk);
  await begun;
  sent.write(chunk);
  sent.write(chunk);
  let text = "";
  sent.on("data", (data: Buffer) => (text += String(data)));
  assert.equal(await status, 413);
  assert.equal(await ended, "broken off");
  await closed;
  assert.equal(JSON.parse(text).limit, limit);
});

test("a body that nobody reads is left alone", () => {
  const stream = Readable.from(["x"]);
  const { exchange } = exchangeOf({ body: stream });
  void bodyLimit({ limit }).run(exchange);
  assert.ok(exchange.request.body instanceof BoundedBody);
  assert.equal(stream.readableFlowing, null);
});
