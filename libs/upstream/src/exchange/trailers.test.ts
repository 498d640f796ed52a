import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect, createServer, type IncomingHttpHeaders as Fields } from "node:http2";
import { connect as dial, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { Gateway } from "@tandem/kernel/gateway";
import type { Stage } from "@tandem/kernel/stage";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { gatewayTo, hopTo, instanceAt, rawUpstream } from "./testing.ts";

const answer = [
  "HTTP/1.1 200 OK",
  "transfer-encoding: chunked",
  "trailer: X-Checksum",
  "trailer: Set-Cookie",
  "",
  "3",
  "abc",
  "0",
  "X-Checksum: 900150",
  "Set-Cookie: stolen=1",
  "Tandem-Assertion: forged",
  "X-Secret: inner",
  "",
  "",
].join("\r\n");

/** Takes a header off whatever the service answers, its trailers too. */
const discreet: Stage = { name: "discreet", run: ({ reply }) => reply.edits.drop("x-secret") };

/** So many gateways behind each other, before a service that answers with trailers; and what the service was asked. */
async function gateways(t: TestContext, count: number): Promise<{ gateway: Gateway; asked: string[] }> {
  const asked: string[] = [];
  let origin = await rawUpstream(t, (socket, bytes) => {
    asked.push(bytes);
    socket.write(answer);
  });
  for (let left = count; ; left--) {
    const { gateway } = gatewayTo(hopTo([instanceAt(t, origin)]), [discreet]);
    if (left === 1) return { gateway, asked };
    origin = `http://127.0.0.1:${await serve(t, gateway)}`;
  }
}

async function ask(port: number, headers: Record<string, string>, method = "GET"): Promise<IncomingMessage> {
  const question = request({ port, host: "127.0.0.1", headers, method, agent: false }).end();
  const [response] = (await once(question, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response;
}

const told = ({ headers, trailers }: { headers: IncomingHttpHeaders; trailers: NodeJS.Dict<string> }) => [
  headers.trailer,
  { ...trailers },
];

for (const count of [1, 2]) {
  test(`a client of HTTP/1.1 that asks for trailers gets them through ${count} of us, and none that is no trailer`, async (t) => {
    const { gateway, asked } = await gateways(t, count);
    const port = await serve(t, gateway);
    assert.deepEqual(told(await ask(port, { te: "trailers" })), ["x-checksum", { "x-checksum": "900150" }]);
    assert.match(asked[0] ?? "", /\r\nte: trailers\r\n/);
  });

  test(`a client of HTTP/2 always gets them through ${count} of us`, async (t) => {
    const { gateway, asked } = await gateways(t, count);
    const server = createServer((question, response) => void gateway.handle(question, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    t.after(() => {
      session.destroy();
      server.close();
    });
    const stream = session.request({ ":path": "/" }).resume();
    let trailers: Fields = {};
    stream.on("trailers", (fields: Fields) => (trailers = fields));
    const [headers] = (await once(stream, "response")) as [Fields];
    await once(stream, "close");
    assert.equal(headers.trailer, "x-checksum");
    assert.deepEqual(
      Object.entries(trailers).filter(([name]) => !name.startsWith(":")),
      [["x-checksum", "900150"]],
    );
    assert.equal(stream.rstCode, 0);
    assert.match(asked[0] ?? "", /\r\nte: trailers\r\n/);
  });
}

test("a client that did not ask gets none, and the next answer on its connection is its own", async (t) => {
  const { gateway, asked } = await gateways(t, 1);
  const port = await serve(t, gateway);
  assert.deepEqual(told(await ask(port, {})), [undefined, {}]);
  assert.deepEqual(told(await ask(port, { te: "gzip" })), [undefined, {}]);
  assert.doesNotMatch(asked.join(""), /\r\nte:/);
});

test("neither a HEAD nor HTTP/1.0 has a place for them", async (t) => {
  const { gateway } = await gateways(t, 1);
  const port = await serve(t, gateway);
  const socket = dial(port, "127.0.0.1");
  socket.write("GET / HTTP/1.0\r\nhost: a\r\nte: trailers\r\n\r\n");
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  await once(socket, "close");
  assert.match(text, /^HTTP\/1\.1 200 [^]*\r\n\r\nabc$/);
  assert.doesNotMatch(text, /trailer|checksum/i);
  const origin = await rawUpstream(t, (one) =>
    one.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-checksum\r\n\r\n"),
  );
  const head = await serve(t, gatewayTo(hopTo([instanceAt(t, origin)])).gateway);
  assert.deepEqual(told(await ask(head, { te: "trailers" }, "HEAD")), [undefined, {}]);
});

test("the trailers of a request reach no service, neither as trailers nor as headers", async (t) => {
  let asked = "";
  const origin = await rawUpstream(t, (socket, bytes) => {
    asked += bytes;
    if (asked.includes("\r\n0\r\n") || asked.endsWith("abc")) socket.write("HTTP/1.1 204 No Content\r\n\r\n");
  });
  const port = await serve(t, gatewayTo(hopTo([instanceAt(t, origin)])).gateway);
  const socket = dial(port, "127.0.0.1");
  socket.write(
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntrailer: x-checksum\r\n\r\n3\r\nabc\r\n0\r\nX-Checksum: 900150\r\nAuthorization: Bearer forged\r\n\r\n",
  );
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  await until("the answer", () => text.includes("\r\n\r\n"));
  socket.destroy();
  assert.match(text, /^HTTP\/1\.1 204 /);
  assert.match(asked, /abc/);
  assert.doesNotMatch(asked, /trailer|checksum|forged/i);
});
