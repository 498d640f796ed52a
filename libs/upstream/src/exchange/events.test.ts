// Server-sent events, and whatever else trickles: what is sent is passed on when it is sent.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask, type IncomingMessage } from "node:http";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Readable, Writable } from "node:stream";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { bothProtocols, instanceSpeaking } from "./either-protocol.testing.ts";
import { gatewayTo, hopTo } from "./testing.ts";

/** A client's end of an answer, and all that has come out of it so far. */
function following(answer: Readable): { text: string; end: string | undefined } {
  const seen: { text: string; end: string | undefined } = { text: "", end: undefined };
  answer.on("data", (chunk) => (seen.text += String(chunk)));
  answer.on("error", () => (seen.end ??= "broken off")).on("end", () => (seen.end ??= "whole"));
  return seen;
}

type Send = (event: string) => void;

/** A service that sends an event whenever the test says so, and says when nobody listens any more. */
function eventsOf() {
  const feed: { send: Send | undefined; asked: unknown; left: boolean } = { send: undefined, asked: "", left: false };
  const answer: Parameters<typeof instanceSpeaking>[2] = (request, response) => {
    feed.asked = request.headers.accept;
    response.on("close", () => (feed.left = true));
    response.on("error", () => {});
    response.setHeader("content-type", "text/event-stream");
    const body: Writable = response;
    feed.send = (event) => void body.write(event);
    feed.send(": hello\n\n");
  };
  return { feed, answer };
}

for (const protocol of bothProtocols) {
  test(`over ${protocol} each event arrives before the next one is sent, and the client ends it by leaving`, async (t) => {
    const { feed, answer } = eventsOf();
    const instance = await instanceSpeaking(t, protocol, answer);
    const { gateway, records } = gatewayTo(hopTo([instance]));
    const port = await serve(t, gateway);
    const question = ask({ host: "127.0.0.1", port, headers: { accept: "text/event-stream" }, agent: false }).end();
    const [response] = (await once(question, "response")) as [IncomingMessage];
    assert.equal(response.headers["content-type"], "text/event-stream");
    assert.equal(feed.asked, "text/event-stream");
    const seen = following(response);
    let sent = ": hello\n\n";
    for (let id = 0; id < 5; id++) {
      await until(`event ${id}`, () => seen.text === sent);
      const event = `id: ${id}\ndata: é\n\n`;
      feed.send?.(event);
      sent += event;
    }
    await until("the last event", () => seen.text === sent);
    assert.deepEqual([feed.left, instance.inFlight, records.length], [false, 1, 0]);
    question.destroy();
    await until("the service hears of it", () => feed.left && records.length === 1);
    assert.deepEqual([records[0]?.ending, records[0]?.attempts[0]?.outcome], ["client-left", "aborted"]);
    assert.equal(instance.inFlight, 0);
  });

  test(`over ${protocol} a client of HTTP/2 gets each event when it is sent, too`, async (t) => {
    const { feed, answer } = eventsOf();
    const { gateway } = gatewayTo(hopTo([await instanceSpeaking(t, protocol, answer)]));
    const server = createServer((question, response) => void gateway.handle(question, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    t.after(() => {
      session.destroy();
      server.close();
    });
    const stream = session.request({ ":path": "/" });
    const seen = following(stream);
    await until("the first event", () => seen.text === ": hello\n\n");
    feed.send?.("data: 1\n\n");
    await until("the second event", () => seen.text === ": hello\n\ndata: 1\n\n");
    stream.close(8);
    await until("the service hears that nobody listens", () => feed.left);
  });

  test(`over ${protocol} events that do not come for too long end the answer, and ones in time do not`, async (t) => {
    const { feed, answer } = eventsOf();
    const instance = await instanceSpeaking(t, protocol, answer);
    const { gateway, records } = gatewayTo(hopTo([instance], { idle: 2_000 }));
    const question = ask({ host: "127.0.0.1", port: await serve(t, gateway), agent: false }).end();
    const [response] = (await once(question, "response")) as [IncomingMessage];
    const seen = following(response);
    const start = performance.now();
    const beats = setInterval(() => feed.send?.(":\n\n"), 50);
    t.after(() => clearInterval(beats));
    await until("it has lived for longer than it may be silent", () => performance.now() - start > 3_000);
    assert.equal(seen.end, undefined);
    clearInterval(beats);
    await until("it is ended", () => seen.end !== undefined && feed.left && records.length === 1);
    assert.equal(seen.end, "broken off");
    const [attempt] = records[0]?.attempts ?? [];
    assert.deepEqual([attempt?.outcome, attempt?.expired, instance.inFlight], ["timeout", "idle", 0]);
    assert.deepEqual([records[0]?.ending, records[0]?.error], ["broken-off", "upstream.timeout"]);
  });
}
