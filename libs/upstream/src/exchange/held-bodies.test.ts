// Bodies that wait to be sent again take memory: all together they have a bound.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import { HeldBytes } from "@tandem/kernel/held-bytes";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { dial } from "@tandem/kernel/listener/testing";
import type { RequestRecord } from "@tandem/kernel/record";
import { serve } from "@tandem/kernel/testing";
import { ask, until } from "@tandem/platform/testing";
import { send } from "./send.ts";
import { hopTo, instanceAt, persisting, upstream } from "./testing.ts";

test("with no room left a body streams and is not sent again; clients that stall and leave give theirs back", async (t) => {
  const failing = await upstream(t, (asked, response) => {
    asked.resume().once("end", () => response.writeHead(503).end("no"));
  });
  const well = await upstream(t, async (asked, response) => response.end(Buffer.concat(await asked.toArray())));
  const resilience = persisting({ retry: { on: [503], bodyLimit: "1KiB" } });
  const hop = hopTo([instanceAt(t, failing), instanceAt(t, well)], { resilience });
  const records: RequestRecord[] = [];
  const heldBytes = new HeldBytes(1_000);
  const gateway = createGateway(
    [
      hygiene({ from: "strangers" }),
      { name: "send", run: (exchange) => exchange.act("send", () => send(exchange, hop)) },
    ],
    { prelude: [], observers: [(record) => void records.push(record)] },
    { heldBytes },
  );
  const port = await serve(t, gateway);
  const put = { method: "PUT", body: "x".repeat(100), headers: { "content-length": "100" } };
  assert.deepEqual((await ask(port, "/", put)).status, 200, "held, and sent again");
  await until("the record", () => records.length === 1 && heldBytes.now === 0);

  const stalling = [dial(t, port), dial(t, port)];
  for (const { socket } of stalling) socket.write("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 500\r\n\r\n1");
  await until("both are waited for", () => heldBytes.now === 1_000);
  assert.equal((await ask(port, "/", put)).status, 503, "streamed, and sent once");
  for (const { socket } of stalling) socket.destroy();
  await until("nothing is held", () => heldBytes.now === 0 && gateway.inFlight === 0);
  assert.equal((await ask(port, "/", put)).status, 200, "there is room again");
});
