import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, request, serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { WebSocket, WebSocketServer } from "ws";
import { hopTo, instanceAt, poolOf, rawUpstream, upstream } from "../exchange/testing.ts";
import { TestInstance } from "../pool/testing.ts";
import { forward } from "../forward/stage.ts";
import type { Instance } from "../pool/instance.ts";
import { createHops, type ProxiedService } from "./hops.ts";
import { proxy } from "./stage.ts";

const options = { connectTimeout: 10_000, timeout: 10_000, idleTimeout: 10_000 };

const routeTo = (service: string): Stage => ({
  name: "route",
  run(exchange) {
    exchange.route = { name: "all", service, allow: { kind: "anyone" } };
    exchange.request.clientAddress = "192.0.2.7";
    exchange.request.scheme = "https";
  },
});

/** What a routing tier is but for what is not the proxy's business. */
function proxying(services: Record<string, readonly Instance[]>, service = "orders"): Stage[] {
  const known = new Map<string, ProxiedService>();
  for (const [name, instances] of Object.entries(services)) known.set(name, { pool: hopTo(instances).pool, options });
  return [hygiene({ from: "security-tier" }), routeTo(service), proxy({ hops: createHops(known) })];
}

test("a service is told who asks, and nothing that strangers say of it", async (t) => {
  const origin = await upstream(t, (asked, response) => response.end(JSON.stringify(asked.headers)));
  const headers = {
    host: "shop.test:8443",
    "x-forwarded-for": "6.6.6.6",
    "x-forwarded-prefix": "/admin",
    "x-request-id": "mine",
    "x-kept": "1",
  };
  const { text } = await request(t, proxying({ orders: [instanceAt(t, origin)] }), { headers });
  assert.deepEqual(JSON.parse(text), {
    host: "shop.test:8443",
    connection: "keep-alive",
    "x-kept": "1",
    "x-forwarded-for": "192.0.2.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "shop.test:8443",
  });
});

test("each route leads to its own service", async (t) => {
  const services: Record<string, Instance[]> = {};
  for (const name of ["orders", "catalog"])
    services[name] = [instanceAt(t, await upstream(t, (_, response) => response.end(name)))];
  assert.equal((await request(t, proxying(services, "catalog"))).text, "catalog");
  assert.equal((await request(t, proxying(services, "orders"))).text, "orders");
});

test("a service that was chosen for the request goes before the one that the route names", async (t) => {
  const services: Record<string, Instance[]> = {};
  for (const name of ["orders", "orders-v2"])
    services[name] = [instanceAt(t, await upstream(t, (_, response) => response.end(name)))];
  const choosing: Stage = { name: "choosing", run: (exchange) => void (exchange.service = "orders-v2") };
  const [hygienic, routing, proxied] = proxying(services) as [Stage, Stage, Stage];
  const gateway = createGateway([hygienic, routing, choosing, proxied]);
  assert.equal((await request(t, gateway)).text, "orders-v2");
});

test("a service without instance is unavailable for a moment", async (t) => {
  const { status, json, headers } = await request(t, proxying({ orders: [] }));
  assert.deepEqual([status, json.type], [503, "urn:tandem:problem:upstream.no-instance"]);
  assert.equal(headers["retry-after"], "1");
});

test("each service has its own patience", async (t) => {
  const slow = await rawUpstream(
    t,
    (socket) => void setTimeout(() => socket.write("HTTP/1.1 204 No Content\r\n\r\n"), 150),
  );
  for (const [timeout, status] of [
    [50, 504],
    [10_000, 204],
  ] as const) {
    const services = new Map([
      ["orders", { pool: hopTo([instanceAt(t, slow)]).pool, options: { ...options, timeout } }],
    ]);
    const stages = [hygiene({ from: "security-tier" }), routeTo("orders"), proxy({ hops: createHops(services) })];
    assert.equal((await request(t, stages)).status, status);
  }
});

test("a route to a service that nobody configured is our own failure", async (t) => {
  const { status, json } = await request(t, proxying({}, "unknown"));
  assert.deepEqual([status, json.type], [500, "urn:tandem:problem:server.error"]);
});

test("a dry run shows what the service would be told, and asks nobody", async () => {
  const { exchange } = exchangeOf({ transport: { kind: "dry" } });
  exchange.route = { name: "all", service: "orders", allow: { kind: "anyone" } };
  const pool = poolOf([new TestInstance("a")], { pick: () => assert.fail("an instance was picked") });
  await proxy({ hops: createHops(new Map([["orders", { pool, options }]])) }).run(exchange);
  assert.equal(exchange.planned, "proxy");
  assert.ok(exchange.outgoing.applyTo([]).includes("x-forwarded-for"));
});

test("a websocket crosses both tiers, and is told who asks", async (t) => {
  const server = createServer();
  const webSockets = new WebSocketServer({ server });
  webSockets.on("connection", (socket, { headers, url }) =>
    socket.on("message", (data) =>
      socket.send(
        [url, headers["x-forwarded-for"], headers["tandem-assertion"], (data as Buffer).toString()].join(" "),
      ),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of webSockets.clients) socket.terminate();
    server.close();
  });
  const service = instanceAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const inner = instanceAt(t, `http://127.0.0.1:${await serve(t, createGateway(proxying({ orders: [service] })))}`);
  const outer = createGateway([hygiene({ from: "strangers" }), forward({ pool: hopTo([inner]).pool, options })]);
  const socket = new WebSocket(`ws://127.0.0.1:${await serve(t, outer)}/chat?a=1`, {
    headers: { "tandem-assertion": "forged" },
  });
  await once(socket, "open");
  socket.send("hello");
  assert.equal(String((await once(socket, "message"))[0]), "/chat?a=1 192.0.2.7  hello");
  assert.deepEqual([service.inFlight, inner.inFlight], [1, 1]);
  socket.terminate();
  await until("both tunnels are closed", () => service.inFlight === 0 && inner.inFlight === 0);
});
