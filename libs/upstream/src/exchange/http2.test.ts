import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Gateway } from "@tandem/kernel/gateway";
import { until } from "@tandem/platform/testing";
import { gatewayTo, hopTo, instanceAt, rawUpstream, upstream } from "./testing.ts";

/** A client of a gateway over HTTP/2. */
async function sessionWith(t: TestContext, gateway: Gateway): Promise<ClientHttp2Session> {
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on("error", () => {});
  t.after(() => {
    session.destroy();
    server.close();
  });
  return session;
}

/** What came back: the status and the text, or how it ended otherwise; `onBegin` hears of the first bytes. */
async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  { body, onBegin = () => {} }: { body?: string; onBegin?: () => void } = {},
): Promise<string> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  let text = "";
  stream.once("data", onBegin).on("data", (chunk) => (text += String(chunk)));
  const [answer] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status": number }];
  return new Promise((resolve) => {
    stream.on("error", (error) => resolve(`${answer[":status"]} ${text} broken off: ${error.message}`));
    stream.on("end", () => stream.rstCode === 0 && resolve(`${answer[":status"]} ${text}`));
  });
}

test("a GET with a body is framed on the next hop, and never becomes a second request", async (t) => {
  let bytes = "";
  const origin = await rawUpstream(t, (socket, piece) => {
    bytes += piece;
    if (bytes.endsWith("0\r\n\r\n") || bytes.endsWith("evil\r\n\r\n"))
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)]));
  const session = await sessionWith(t, gateway);
  const evil = "GET /second HTTP/1.1\r\nhost: evil\r\n\r\n";
  assert.equal(await ask(session, { ":path": "/first" }, { body: evil }), "200 ok");
  assert.match(bytes, /^GET \/first HTTP\/1\.1\r\n[^]*(transfer-encoding: chunked|content-length: 35)\r\n/);
});

test("a GET without body has no framing", async (t) => {
  let bytes = "";
  const origin = await rawUpstream(t, (socket, piece) => {
    bytes += piece;
    socket.write(
      "HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    );
  });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)]));
  assert.equal(await ask(await sessionWith(t, gateway), { ":path": "/" }), "200 ok");
  assert.doesNotMatch(bytes, /transfer-encoding|content-length/);
});

test("a service that dies within its answer resets the stream", async (t) => {
  let onBegin = (): void => {};
  const origin = await rawUpstream(t, (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    onBegin = () => void socket.destroy();
  });
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin)]));
  const session = await sessionWith(t, gateway);
  assert.match(await ask(session, { ":path": "/" }, { onBegin: () => onBegin() }), /^200 half broken off/);
  await until("the record", () => records.length === 1);
  assert.equal(records[0]?.ending, "broken-off");
});

test("a service that dies within an upload is a problem, not a broken connection", async (t) => {
  const origin = await rawUpstream(t, (socket) => socket.resetAndDestroy());
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)]));
  const session = await sessionWith(t, gateway);
  const stream = session.request({ ":path": "/", ":method": "POST" });
  stream.on("error", () => {});
  stream.write("the beginning");
  const [answer] = (await once(stream, "response")) as [{ ":status": number }];
  assert.equal(answer[":status"], 502);
  assert.ok(!session.destroyed);
});

for (const length of ["1000", undefined])
  test(`an upload that the client takes back ${length ? "short of its length" : "without one"} is no whole one`, async (t) => {
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
    const session = await sessionWith(t, gateway);
    const stream = session.request({ ":path": "/", ":method": "POST", ...(length && { "content-length": length }) });
    stream.on("error", () => {});
    stream.write("the beginning");
    await until("the service is asked", () => asked);
    // `close` would end the body in good order first.
    stream.destroy(new Error("taken back"));
    await until("the service hears of it", () => ending !== "" && records.length === 1);
    assert.equal(ending, "broken off");
    assert.equal(instance.inFlight, 0);
    assert.equal(records[0]?.ending, "client-left");
  });

test("a client that does not read makes the service wait", async (t) => {
  let written = 0;
  const origin = await upstream(t, (_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536)) && written < 64 * 1024 * 1024) written += 65_536;
      response.once("drain", more);
    };
    more();
  });
  const instance = instanceAt(t, origin);
  const { gateway } = gatewayTo(hopTo([instance]));
  const stream = (await sessionWith(t, gateway)).request({ ":path": "/" });
  stream.on("error", () => {});
  await once(stream, "response");
  await sleep(200);
  assert.ok(written < 16 * 1024 * 1024, `${written} bytes`);
  stream.close(8);
  await until("the exchange is over", () => instance.inFlight === 0);
});
