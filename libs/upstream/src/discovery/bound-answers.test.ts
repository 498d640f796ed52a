import assert from "node:assert/strict";
import { Agent, createServer, get, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { until } from "@tandem/platform/testing";
import { boundAnswers } from "./bound-answers.ts";
import { createConsulClient } from "./consul-client.ts";
import { consulDiscovery } from "./consul-discovery.ts";

const piece = Buffer.alloc(256 * 1024, " ");

/** Writes until nobody reads any more. */
function writeForEver(response: ServerResponse): void {
  while (!response.destroyed && response.write(piece));
  if (!response.destroyed) response.once("drain", () => writeForEver(response));
}

async function serverOf(t: TestContext, answer: (response: ServerResponse) => void) {
  const sockets = new Set<number | undefined>();
  const server = createServer(({ socket }, response) => {
    sockets.add(socket.remotePort);
    answer(response);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => void server.once("listening", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { sockets, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a Consul whose answer never ends is given up, and says why", async (t) => {
  const { address } = await serverOf(t, (response) => {
    response.setHeader("content-type", "application/json").setHeader("x-consul-index", 5).write("[");
    writeForEver(response);
  });
  const client = createConsulClient(address, { patience: 60_000 });
  const watch = consulDiscovery(client, { logger: silentLogger }).watch("orders", () => {});
  t.after(() => {
    watch.close();
    client.close();
  });
  await until("it is given up", () => watch.evidence().degraded !== undefined, { within: 30_000 });
  assert.match(watch.evidence().degraded ?? "", /the answer is longer than 65536 KiB/);
});

test("each answer counts for itself, however many come over one connection", async (t) => {
  const { address, sockets } = await serverOf(t, (response) => void response.end("a".repeat(6_000)));
  const agent = boundAnswers(new Agent({ keepAlive: true }), 8 * 1024);
  t.after(() => agent.destroy());
  const ask = async (): Promise<number> =>
    new Promise((resolve, reject) => {
      let length = 0;
      get(address, { agent }, (response) =>
        response.on("data", (chunk: Buffer) => (length += chunk.length)).on("end", () => resolve(length)),
      ).on("error", reject);
    });
  for (let turn = 0; turn < 5; turn++) {
    assert.equal(await ask(), 6_000);
    await until("the connection is free again", () => Object.keys(agent.freeSockets).length === 1);
  }
  assert.equal(sockets.size, 1);
});
