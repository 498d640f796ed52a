import assert from "node:assert/strict";
import { request as ask } from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";
import { request, serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { deadOrigin, gatewayTo, hopTo, instanceAt, rawUpstream, upstream } from "./testing.ts";

const ok = "HTTP/1.1 200 OK\r\n";

/** How an answer reached the client: whole, broken off, or as a problem of ours; `onBegin` hears of its first bytes. */
async function outcomeAt(port: number, onBegin = (): void => {}): Promise<string> {
  return new Promise((resolve) => {
    const sent = ask({ host: "127.0.0.1", port, agent: false }, (response) => {
      let text = "";
      response.once("data", onBegin).on("data", (chunk) => (text += String(chunk)));
      response.on("end", () => resolve(response.complete ? `whole ${response.statusCode} ${text}` : "broken off"));
      response.on("error", () => resolve("broken off"));
    });
    sent.on("error", () => resolve("no answer"));
    sent.end();
  });
}

const broken: { name: string; head: string; finish: (socket: Socket) => void; ending: string }[] = [
  {
    name: "a body shorter than its length",
    head: `${ok}content-length: 10\r\n\r\nhalf`,
    finish: (s) => s.end(),
    ending: "broken off",
  },
  {
    name: "a reset within a body of known length",
    head: `${ok}content-length: 10\r\n\r\nhalf`,
    finish: (s) => s.resetAndDestroy(),
    ending: "broken off",
  },
  {
    name: "the end of the connection within a chunked body",
    head: `${ok}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`,
    finish: (s) => s.end(),
    ending: "broken off",
  },
  {
    name: "a reset within a chunked body",
    head: `${ok}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`,
    finish: (s) => s.resetAndDestroy(),
    ending: "broken off",
  },
  {
    name: "a reset within a body without length",
    head: `${ok}connection: close\r\n\r\nhalf`,
    finish: (s) => s.resetAndDestroy(),
    ending: "broken off",
  },
  {
    name: "a chunk size that is no number",
    head: `${ok}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n`,
    finish: () => {},
    ending: "broken off",
  },
  {
    name: "the regular end of a body without length",
    head: `${ok}connection: close\r\n\r\nhalf`,
    finish: (s) => s.end(),
    ending: "whole 200 half",
  },
];

for (const { name, head, finish, ending } of broken)
  test(`${name}: ${ending}`, async (t) => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const origin = await rawUpstream(t, (socket) => {
      socket.write(head);
      void begun.then(() => finish(socket));
    });
    const instance = instanceAt(t, origin);
    const { gateway, records } = gatewayTo(hopTo([instance]));
    assert.equal(await outcomeAt(await serve(t, gateway), begin), ending);
    await until("the record", () => records.length === 1);
    const whole = ending.startsWith("whole");
    assert.equal(records[0]?.ending, whole ? "answered" : "broken-off");
    assert.equal(records[0]?.error, whole ? undefined : "upstream.failed");
    assert.equal(records[0]?.attempts[0]?.outcome, whole ? "answered" : "reset");
    assert.equal(instance.inFlight, 0);
  });

const senseless: { name: string; answer: string }[] = [
  { name: "bytes that are no HTTP", answer: "SSH-2.0-OpenSSH_9.2\r\n\r\n" },
  { name: "two lengths", answer: `${ok}content-length: 3\r\ncontent-length: 4\r\n\r\nfour` },
  {
    name: "a length and chunks",
    answer: `${ok}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n`,
  },
  { name: "a head without end", answer: `${ok}x: ${"y".repeat(40_000)}` },
  {
    name: "an upgrade that nobody asked for",
    answer: "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
  },
  { name: "a switch to nothing", answer: "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\r\n" },
  {
    name: "a switch that the connection does not know of",
    answer: "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n",
  },
  { name: "a 100 that nobody asked for", answer: "HTTP/1.1 100 Continue\r\n\r\n" },
  { name: "a status that does not exist", answer: "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n" },
];

for (const { name, answer } of senseless)
  test(`an answer of ${name} is upstream.failed`, async (t) => {
    const origin = await rawUpstream(t, (socket) => socket.write(answer));
    const instance = instanceAt(t, origin);
    const { gateway, records } = gatewayTo(hopTo([instance], { firstByte: 1000 }));
    const { status, json } = await request(t, gateway);
    assert.equal(status, 502);
    assert.equal(json.type, "urn:tandem:problem:upstream.failed");
    assert.equal(records[0]?.attempts.length, 1);
    assert.equal(instance.inFlight, 0);
  });

test("a service that closes before it answers is upstream.failed", async (t) => {
  const origin = await rawUpstream(t, (socket) => socket.resetAndDestroy());
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin)]));
  const { status, json } = await request(t, gateway);
  assert.deepEqual([status, json.type], [502, "urn:tandem:problem:upstream.failed"]);
  assert.equal(records[0]?.attempts[0]?.outcome, "reset");
});

test("a port at which nobody listens is upstream.refused", async (t) => {
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, await deadOrigin())]));
  const { status, json, text } = await request(t, gateway);
  assert.deepEqual([status, json.type], [502, "urn:tandem:problem:upstream.refused"]);
  assert.doesNotMatch(text, /127\.0\.0\.1|ECONNREFUSED/);
  assert.equal(records[0]?.attempts[0]?.outcome, "refused");
});

test("a service without instance is unavailable for a moment", async (t) => {
  const { gateway } = gatewayTo(hopTo([]));
  const { status, json, headers } = await request(t, gateway);
  assert.deepEqual([status, json.type], [503, "urn:tandem:problem:upstream.no-instance"]);
  assert.equal(headers["retry-after"], "1");
});

test("a service that says nothing is upstream.timeout, and its connection is given up", async (t) => {
  let closed = false;
  const origin = await upstream(t, (request) => void request.socket.once("close", () => (closed = true)));
  const instance = instanceAt(t, origin);
  // Long enough for the service to have been asked.
  const { gateway, records } = gatewayTo(hopTo([instance], { firstByte: 2_000 }));
  const { status, json } = await request(t, gateway);
  assert.deepEqual([status, json.type], [504, "urn:tandem:problem:upstream.timeout"]);
  assert.equal(records[0]?.attempts[0]?.outcome, "timeout");
  assert.equal(instance.inFlight, 0);
  await until("the connection is closed", () => closed);
});

test("an interim answer does not stop the clock", async (t) => {
  const origin = await upstream(t, (_, response) => response.writeEarlyHints({ link: "</a.css>; rel=preload" }));
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)], { firstByte: 2_000 }));
  assert.equal((await request(t, gateway)).status, 504);
});

test("a body that stops for too long is broken off", async (t) => {
  const origin = await upstream(t, (_, response) => void response.write("half"));
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin)], { idle: 60 }));
  assert.equal(await outcomeAt(await serve(t, gateway)), "broken off");
  await until("the record", () => records.length === 1);
  assert.equal(records[0]?.error, "upstream.timeout");
});

test("a connection that does not come about in time is upstream.timeout", async (t) => {
  // It takes the connection and never shakes hands.
  const origin = await rawUpstream(t, () => {});
  const instance = instanceAt(t, origin.replace("http:", "https:"), { connectTimeout: 60 });
  const { gateway, records } = gatewayTo(hopTo([instance]));
  const { status, json } = await request(t, gateway);
  assert.deepEqual([status, json.type], [504, "urn:tandem:problem:upstream.timeout"]);
  assert.equal(records[0]?.attempts[0]?.outcome, "timeout");
  assert.equal(instance.inFlight, 0);
});
