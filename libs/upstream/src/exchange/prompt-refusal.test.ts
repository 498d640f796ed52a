import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { createSecureContext } from "node:tls";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import type { Instance } from "../pool/instance.ts";
import { gatewayTo, hopTo, instanceAt, rawUpstream } from "./testing.ts";

const authority = createAuthority("test");
const own = issueCertificate(authority, { name: "service", sans: ["service"], usage: "server" });
const tls = { context: createSecureContext({ ca: authority.certificate }), name: "service" };
const upload = Buffer.alloc(10_000_000, "x");
const times = 20;

/** Refuses without reading, and closes. */
const refuse: RequestListener = (_, response) => response.writeHead(413, { connection: "close" }).end("too much");

async function refusing(t: TestContext, secure: boolean): Promise<Instance> {
  const server = secure ? createHttps({ cert: own.certificate, key: own.key }, refuse) : createServer(refuse);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return secure ? instanceAt(t, `https://${address}`, { tls }) : instanceAt(t, `http://${address}`);
}

/** Uploads, and reads meanwhile, until the answer has come to its end or the connection has. */
async function uploaded(port: number, isWhole: (text: string) => boolean): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("error", () => {}).on("data", (chunk) => (text += String(chunk)));
  socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${upload.length}\r\n\r\n`);
  socket.write(upload);
  await until("the answer", () => isWhole(text) || socket.closed);
  socket.destroy();
  return text;
}

for (const secure of [false, true])
  test(`a service over ${secure ? "TLS" : "TCP"} that refuses an upload and closes at once is heard`, async (t) => {
    const instance = await refusing(t, secure);
    const { gateway, records } = gatewayTo(hopTo([instance]));
    const port = await serve(t, gateway);
    for (let turn = 0; turn < times; turn++)
      assert.match(await uploaded(port, (text) => text.includes("too much")), /^HTTP\/1\.1 413 [^]*too much/);
    await until("the records", () => records.length === times && instance.inFlight === 0);
    assert.ok(records.every(({ attempts }) => attempts[0]?.outcome === "answered"));
  });

test("what a service that resets within an upload had begun does not pass for a whole answer", async (t) => {
  const origin = await rawUpstream(t, (socket) => {
    socket.pause();
    socket.write("HTTP/1.1 413 No\r\nconnection: close\r\n\r\nhalf", () => socket.resetAndDestroy());
  });
  const instance = instanceAt(t, origin);
  const { gateway, records } = gatewayTo(hopTo([instance]));
  const port = await serve(t, gateway);
  for (let turn = 0; turn < times; turn++) await uploaded(port, () => records.length > turn);
  await until("all has ended", () => instance.inFlight === 0);
  assert.ok(records.every(({ attempts }) => attempts[0]?.outcome === "reset"));
});
