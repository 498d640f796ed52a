import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { Pool as Connections } from "undici";
import { roundRobin } from "../balance/round-robin.ts";
import { staticDiscovery } from "../discovery/static-discovery.ts";
import { createPool } from "./pool.ts";

const { exchange } = exchangeOf();

async function listen(t: TestContext): Promise<Server> {
  const server = createServer((_, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

test("an instance that was killed gets one request, and no further one before discovery says so", async (t) => {
  const servers = [await listen(t), await listen(t)];
  const [dead] = servers;
  const endpoints = servers.map((server, index) => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { id: `instance-${index}`, origin, weight: 1 };
  });
  const pool = createPool({
    name: "orders",
    discovery: staticDiscovery(endpoints),
    balance: roundRobin({ random: () => 0 }),
    dispatcherFor: (origin) => new Connections(origin),
  });
  t.after(() => pool.close());
  await pool.ready;
  const ask = async (): Promise<string> => {
    const instance = pool.pick(exchange, []);
    assert.ok(typeof instance !== "string");
    try {
      const { body } = await instance.dispatcher.request({ path: "/", method: "GET" });
      return await body.text();
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : "?";
    }
  };
  assert.deepEqual([await ask(), await ask()], ["ok", "ok"]);
  dead?.closeAllConnections();
  await new Promise((resolve) => dead?.close(resolve));
  const answers = [];
  for (let turn = 0; turn < 10; turn++) answers.push(await ask());
  const failures = answers.filter((answer) => answer !== "ok");
  assert.ok(failures.length <= 2, `one may fall on the closed connection, one is refused: ${failures.join(" ")}`);
  assert.ok(failures.includes("ECONNREFUSED"), failures.join(" "));
});
