import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask, type ClientRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { gatewayTo, hopTo, instanceAt, upstream } from "./testing.ts";

/** Sends a request, and lets the test decide what becomes of it. */
function leaving(port: number, options: { method?: string; length?: number } = {}): ClientRequest {
  const { method = "GET", length } = options;
  const headers = length === undefined ? {} : { "content-length": length };
  const sent = ask({ host: "127.0.0.1", port, method, headers, agent: false });
  sent.on("error", () => {});
  return sent;
}

test("a client that leaves before the answer takes its request with it", async (t) => {
  let asked = false;
  let closed = false;
  const origin = await upstream(t, (request) => {
    asked = true;
    request.socket.once("close", () => (closed = true));
  });
  const instance = instanceAt(t, origin);
  const { gateway, records } = gatewayTo(hopTo([instance]));
  const sent = leaving(await serve(t, gateway)).end();
  await until("the service is asked", () => asked);
  assert.equal(instance.inFlight, 1);
  sent.destroy();
  await until("the service hears of it", () => closed && records.length === 1);
  assert.equal(instance.inFlight, 0);
  assert.equal(records[0]?.ending, "client-left");
  assert.equal(records[0]?.error, undefined);
  assert.equal(records[0]?.attempts[0]?.outcome, "aborted");
  assert.equal(gateway.inFlight, 0);
});

test("a client that leaves within the answer takes it with it", async (t) => {
  let closed = false;
  const origin = await upstream(t, (_, response) => {
    response.write("the beginning");
    response.once("close", () => (closed = true));
  });
  const instance = instanceAt(t, origin);
  const { gateway, records } = gatewayTo(hopTo([instance]));
  const sent = leaving(await serve(t, gateway)).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.on("error", () => {});
  await once(response, "data");
  sent.destroy();
  await until("the service hears of it", () => closed && records.length === 1);
  assert.equal(instance.inFlight, 0);
  assert.equal(records[0]?.ending, "client-left");
});

test("a client that leaves while it does not read takes the answer with it", async (t) => {
  let closed = false;
  const origin = await upstream(t, (_, response) => {
    response.once("close", () => (closed = true));
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536)));
      response.once("drain", more);
    };
    more();
  });
  const instance = instanceAt(t, origin);
  const { gateway } = gatewayTo(hopTo([instance]));
  const sent = leaving(await serve(t, gateway)).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.on("error", () => {});
  response.pause();
  await sleep(200);
  assert.equal(instance.inFlight, 1);
  sent.destroy();
  await until("the service hears of it", () => closed);
  assert.equal(instance.inFlight, 0);
});

for (const length of [1000, undefined])
  test(`an upload that breaks off ${length ? "short of its length" : "within its chunks"} is no whole one`, async (t) => {
    let ending = "";
    let asked = false;
    const origin = await upstream(t, async (request) => {
      asked = true;
      ending = await request.toArray().then(
        () => "whole",
        () => "broken off",
      );
    });
    const instance = instanceAt(t, origin);
    const { gateway, records } = gatewayTo(hopTo([instance]));
    const sent = leaving(await serve(t, gateway), { method: "POST", ...(length && { length }) });
    sent.write("the beginning");
    await until("the service is asked", () => asked);
    sent.destroy();
    await until("the service hears of it", () => ending !== "" && records.length === 1);
    assert.equal(ending, "broken off");
    assert.equal(instance.inFlight, 0);
    assert.equal(records[0]?.ending, "client-left");
  });

test("clients that leave while they wait for a connection do not wedge the pool", async (t) => {
  const sockets = new Set<Socket>();
  let answering = false;
  const origin = await upstream(t, (request, response) => {
    sockets.add(request.socket.once("close", () => sockets.delete(request.socket)));
    if (answering) response.end("x".repeat(100_000));
  });
  const instance = instanceAt(t, origin, { connections: 8 });
  const { gateway, records } = gatewayTo(hopTo([instance]));
  const port = await serve(t, gateway);
  for (let round = 0; round < 3; round++) {
    answering = false;
    const leavers = Array.from({ length: 32 }, () => leaving(port).end());
    await until("all have asked", () => gateway.inFlight === 32);
    assert.equal(instance.inFlight, 32);
    for (const leaver of leavers) leaver.destroy();
    answering = true;
    // A wedged pool would let all of them wait until they are told of a timeout.
    const lengths = await Promise.all(Array.from({ length: 32 }, () => lengthOfAnswer(port)));
    assert.deepEqual(
      lengths,
      Array.from({ length: 32 }, () => 100_000),
    );
    await until("nobody waits any more", () => gateway.inFlight === 0);
    assert.equal(instance.inFlight, 0);
  }
  assert.equal(records.filter(({ ending }) => ending === "client-left").length, 96);
  await until("no connection is left over", () => sockets.size <= 8);
});

async function lengthOfAnswer(port: number): Promise<number> {
  const [response] = (await once(leaving(port).end(), "response")) as [IncomingMessage];
  return Buffer.concat(await response.toArray()).length;
}

test("a request whose time runs out in the queue is answered, and never sent", async (t) => {
  const asked: unknown[] = [];
  let release: (() => void) | undefined;
  const origin = await upstream(t, ({ method }, response) => {
    asked.push(method);
    if (release) response.end();
    else release = () => response.end();
  });
  const instance = instanceAt(t, origin, { connections: 1 });
  const patient = await serve(t, gatewayTo(hopTo([instance])).gateway);
  const { gateway, records } = gatewayTo(hopTo([instance], { firstByte: 80 }));
  const first = once(leaving(patient).end(), "response");
  await until("the only connection is taken", () => release !== undefined);
  const queued = leaving(await serve(t, gateway), { method: "POST", length: 4 }).end("body");
  const [late] = (await once(queued, "response")) as [IncomingMessage];
  assert.equal(late.statusCode, 504);
  await until("the record", () => records.length === 1);
  assert.equal(records[0]?.error, "upstream.timeout");
  release?.();
  const [answer] = (await first) as [IncomingMessage];
  assert.equal(answer.statusCode, 200);
  // Whoever comes now would stand behind it.
  const [next] = (await once(leaving(patient, { method: "PUT" }).end(), "response")) as [IncomingMessage];
  assert.deepEqual([next.statusCode, asked], [200, ["GET", "PUT"]]);
  assert.equal(instance.inFlight, 0);
});
