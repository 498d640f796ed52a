// Bodies that are waited for have a bound, all together, from the file to the wire.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { signAssertion } from "@tandem/identity/assertion/testing";
import { ask, until } from "@tandem/platform/testing";
import { routingProcess } from "./routing-process.ts";
import { keyIn, keysFolder, startTier } from "./testing.ts";

const ending = { after };
const folder = await keysFolder(ending);
const tier = await startTier(ending, routingProcess, {
  folder,
  section: {
    listen: { host: "127.0.0.1", port: 0 },
    assertion: { keys: "public-keys" },
    heldBodies: "1MiB",
    services: { orders: { discovery: "static", instances: ["http://127.0.0.1:1"] } },
    routes: [
      {
        name: "typed",
        match: { path: "/events", methods: ["POST"], body: { pointer: "/type", is: "order", limit: "1MiB" } },
        allow: { scopes: ["a"] },
        service: "orders",
      },
    ],
  },
});

test("clients that declare bodies and send none take no more room than there is, and give it back", async () => {
  const assertion = signAssertion(keyIn(join(folder, "assertion-keys"), "EdDSA"), Math.floor(Date.now() / 1000));
  const headers = { "tandem-assertion": assertion, "content-type": "application/json" };
  const post = { method: "POST", headers, body: '{"type":"other"}' };
  assert.equal((await ask(tier.port, "/events", post)).status, 404, "read, and it leads nowhere");

  const stalling = connect(tier.port, "127.0.0.1").on("error", () => {});
  await once(stalling, "connect");
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  stalling.write(`POST /events HTTP/1.1\r\nhost: a\r\ncontent-length: ${1024 * 1024}\r\n${head.join("")}\r\n{`);
  await until("it is waited for", async () => (await tier.inFlight()).requests === 1);
  const busy = await ask(tier.port, "/events", post);
  assert.deepEqual([busy.status, busy.json.type], [503, "urn:tandem:problem:server.busy"]);
  assert.equal(busy.headers["retry-after"], "1");
  stalling.destroy();
  await until("it is gone", async () => (await tier.inFlight()).requests === 0);
  assert.equal((await ask(tier.port, "/events", post)).status, 404);
});
