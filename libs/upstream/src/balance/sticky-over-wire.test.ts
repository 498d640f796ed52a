import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { Endpoint } from "@tandem/contracts/upstream";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { Stage } from "@tandem/kernel/stage";
import { serve } from "@tandem/kernel/testing";
import { ask, type Answer } from "@tandem/platform/testing";
import { WebSocket, WebSocketServer } from "ws";
import type { Discovery } from "../discovery/discovery.ts";
import { staticDiscovery } from "../discovery/static-discovery.ts";
import { createHops } from "../proxy/hops.ts";
import { proxy } from "../proxy/stage.ts";
import { servicesSchema } from "../services/config.ts";
import { openService } from "../services/open-service.ts";

interface Service extends Endpoint {
  readonly server: Server;
}

/** A service that says who it is and what cookies it was sent; it takes WebSockets, too. */
async function service(t: TestContext, id: string): Promise<Service> {
  const server = createServer(({ headers }, response) => response.end(`${id} ${headers.cookie ?? "-"}`));
  const webSockets = new WebSocketServer({ server });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of webSockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { id, weight: 1, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A gateway in front of a service with sessions, and a discovery that says what the test wants. */
async function gateway(t: TestContext, instances: readonly Endpoint[]) {
  const options = servicesSchema.parse({
    orders: { discovery: "consul", sticky: { cookie: "s" }, retry: { attempts: 2 } },
  })["orders"]!;
  let tell: (named: readonly Endpoint[]) => void = () => {};
  const discovery: Discovery = {
    watch(name, listener) {
      tell = listener;
      return staticDiscovery(instances).watch(name, listener);
    },
  };
  const opened = openService("orders", options, { discovery });
  t.after(() => opened.pool.close());
  await opened.pool.ready;
  const route: Stage = {
    name: "route",
    run: (exchange) => void (exchange.route = { name: "all", service: "orders", allow: { kind: "anyone" } }),
  };
  const hops = createHops(new Map([["orders", opened]]));
  const port = await serve(t, createGateway([hygiene({ from: "strangers" }), route, proxy({ hops })]));
  return { port, tell: (named: readonly Endpoint[]) => tell(named) };
}

const cookieOf = ({ headers }: Answer): string | undefined => headers["set-cookie"]?.join().split(";")[0];

test("a session stays with one of two services, and the service sees only its own cookies", async (t) => {
  const { port } = await gateway(t, [await service(t, "a"), await service(t, "b")]);
  const first = await ask(port, "/");
  const cookie = `mine=1; ${cookieOf(first)}`;
  const [who] = first.text.split(" ");
  for (let turn = 0; turn < 6; turn++) {
    const next = await ask(port, "/", { headers: { cookie } });
    assert.deepEqual([next.text, next.headers["set-cookie"]], [`${who} mine=1`, undefined]);
  }
  const others = await Promise.all([ask(port, "/"), ask(port, "/")]);
  assert.equal(new Set(others.map(({ text }) => text)).size, 2, "whoever has no session is spread as ever");
});

test("when the instance of a session leaves, the session moves to the other and stays there", async (t) => {
  const services = [await service(t, "a"), await service(t, "b")];
  const { port, tell } = await gateway(t, services);
  const before = await ask(port, "/");
  const left = services.filter(({ id }) => !before.text.startsWith(id));
  tell(left);
  const moved = await ask(port, "/", { headers: { cookie: cookieOf(before)! } });
  assert.equal(moved.text, `${left[0]!.id} -`);
  assert.ok(cookieOf(moved) && cookieOf(moved) !== cookieOf(before));
  tell(services);
  for (let turn = 0; turn < 4; turn++)
    assert.equal((await ask(port, "/", { headers: { cookie: cookieOf(moved)! } })).text, moved.text);
});

test("when the instance of a session is killed, the one that answers instead gets it, by one cookie", async (t) => {
  const services = [await service(t, "a"), await service(t, "b")];
  const { port } = await gateway(t, services);
  const before = await ask(port, "/");
  const killed = services.find(({ id }) => before.text.startsWith(id))!;
  const other = services.find((one) => one !== killed)!;
  killed.server.closeAllConnections();
  await new Promise((resolve) => killed.server.close(resolve));
  const moved = await ask(port, "/", { headers: { cookie: cookieOf(before)! } });
  assert.deepEqual([moved.status, moved.text], [200, `${other.id} -`]);
  assert.equal(moved.headers["set-cookie"]?.length, 1);
  assert.equal((await ask(port, "/", { headers: { cookie: cookieOf(moved)! } })).text, `${other.id} -`);
});

test("nobody answers, and so there is no session", async (t) => {
  const { port } = await gateway(t, []);
  const { status, headers } = await ask(port, "/", { headers: { cookie: "s=forged" } });
  assert.deepEqual([status, headers["set-cookie"]], [503, undefined]);
});

test("a websocket begins a session as well, and joins one", async (t) => {
  const { port } = await gateway(t, [await service(t, "a"), await service(t, "b")]);
  const open = async (headers: Record<string, string>): Promise<string | undefined> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers });
    t.after(() => socket.terminate());
    const upgraded = once(socket, "upgrade");
    await once(socket, "open");
    const [answer] = await upgraded;
    return answer.headers["set-cookie"]?.join().split(";")[0];
  };
  const cookie = await open({});
  assert.match(cookie!, /^s=[\w-]{16}$/);
  assert.equal(await open({ cookie: cookie! }), undefined);
});
