import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { assertionScheme } from "@tandem/contracts/assertion";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { Deadlines } from "./deadlines.ts";
import { gatewayTo, hopTo, instanceAt, rawUpstream } from "./testing.ts";

/** Nobody gives up on their own. */
class Patience extends Deadlines {
  override add(): void {}
}

test("an upload to a tier that has refused this one is not waited for", async (t) => {
  let arrived = "";
  let closed = false;
  const origin = await rawUpstream(t, (socket, bytes) => {
    arrived += bytes;
    socket.once("close", () => (closed = true));
    // The answer lacks its end: the connection could be used again once that has come, but for the upload.
    if (arrived.endsWith("first"))
      socket.write(`HTTP/1.1 401 No\r\nwww-authenticate: ${assertionScheme} x\r\ncontent-length: 9\r\n\r\nno`);
  });
  const instance = instanceAt(t, origin);
  const hop = { ...hopTo([instance]), vouched: true, deadlines: new Patience(1_000) };
  const { gateway, records } = gatewayTo(hop);
  const socket = connect(await serve(t, gateway), "127.0.0.1");
  t.after(() => socket.destroy());
  let text = "";
  socket.on("error", () => {}).on("data", (chunk) => (text += String(chunk)));
  socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\nfirst");
  await until("the problem", () => text.includes("upstream.failed"));
  assert.match(text, /^HTTP\/1\.1 502 /);
  socket.write("second");
  await until("its connection is closed", () => closed);
  assert.ok(arrived.endsWith("first"));
  const [attempt] = records[0]!.attempts;
  assert.deepEqual([attempt?.outcome, attempt?.status, instance.inFlight], ["answered", 401, 0]);
});
