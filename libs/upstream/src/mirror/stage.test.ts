import assert from "node:assert/strict";
import { request as openRequest, type ClientRequest } from "node:http";
import { test, type TestContext } from "node:test";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, rawRequest, request, serve } from "@tandem/kernel/testing";
import { ask, until } from "@tandem/platform/testing";
import { stickySessions } from "../balance/sticky.ts";
import { deadOrigin, instanceAt, rawUpstream, upstream } from "../exchange/testing.ts";
import type { Instance } from "../pool/instance.ts";
import { openMirrors } from "./open-mirrors.ts";
import { mirror } from "./stage.ts";
import { mirrored, seen, type Seen } from "./testing.ts";

/** A service that keeps what it was asked. */
async function shadowing(t: TestContext): Promise<{ shadow: Instance; copies: Seen[] }> {
  const copies: Seen[] = [];
  const origin = await upstream(t, async (asked, response) => {
    copies.push(await seen(asked));
    response.writeHead(500, { "x-shadow": "1" }).end("shadow");
  });
  return { shadow: instanceAt(t, origin), copies };
}

const editing: Stage = {
  name: "editing",
  run(exchange) {
    exchange.target = "/new?a=1";
    exchange.outgoing.set("x-user", "ann");
    exchange.outgoing.drop("cookie");
    const ids = { traceId: "a".repeat(32), spanId: "b".repeat(16) };
    exchange.record.trace = { ...ids, sampled: true, random: true };
  },
};

test("a copy is what the route's own service is asked, and says that it is one", async (t) => {
  const { shadow, copies } = await shadowing(t);
  const { gateway, asked, records, counts } = await mirrored(t, [shadow], { before: [editing] });
  const headers = { host: "shop.test", cookie: "a=1", "x-kept": "1", "tandem-mirror": "forged" };
  const answer = await request(t, gateway, { path: "/old", method: "DELETE", headers });
  assert.deepEqual([answer.status, answer.text, answer.headers["x-shadow"]], [200, "real", undefined]);
  await until("the copy was answered", () => counts().answered === 1);
  const [copy, own] = [copies[0]!, asked[0]!];
  assert.deepEqual([copy.method, copy.url], ["DELETE", "/new?a=1"]);
  const { "tandem-mirror": mark, traceparent, ...rest } = copy.headers;
  const { traceparent: ownParent, ...ownRest } = own.headers;
  assert.deepEqual(rest, ownRest);
  assert.deepEqual([rest["x-user"], rest.cookie, rest["x-forwarded-for"]], ["ann", undefined, "192.0.2.7"]);
  assert.equal(mark, "one");
  assert.equal(traceparent, `00-${"a".repeat(32)}-${"b".repeat(16)}-03`);
  assert.notEqual(ownParent, traceparent);
  await until("the request is over", () => records.length === 1);
  assert.deepEqual([records[0]!.attempts.length, records[0]!.status], [1, 200]);
});

const troubles: { name: string; shadowAt: (t: TestContext) => Promise<string> }[] = [
  { name: "dead", shadowAt: () => deadOrigin() },
  { name: "hung", shadowAt: (t) => rawUpstream(t, () => {}) },
  { name: "one that hangs up", shadowAt: (t) => rawUpstream(t, (socket) => socket.destroy()) },
  { name: "one that talks nonsense", shadowAt: (t) => rawUpstream(t, (socket) => socket.end("nonsense\r\n\r\n")) },
  {
    name: "one that never ends",
    shadowAt: (t) =>
      rawUpstream(t, (socket) => socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")),
  },
];
for (const { name, shadowAt } of troubles)
  test(`a mirror that is ${name} is nothing to the client`, async (t) => {
    const shadow = instanceAt(t, await shadowAt(t));
    const { gateway, counts } = await mirrored(t, [shadow], { options: { timeout: 150 } });
    const port = await serve(t, gateway);
    for (let count = 0; count < 3; count++) {
      const { status, text } = await ask(port, "/");
      assert.deepEqual([status, text], [200, "real"]);
    }
    await until("all copies have failed", () => counts().failed === 3);
    assert.deepEqual([counts().sent, counts().inFlight, shadow.inFlight], [3, 0, 0]);
  });

test("a mirror without an instance is nothing to the client either", async (t) => {
  const { gateway, counts } = await mirrored(t, []);
  assert.equal((await request(t, gateway)).text, "real");
  await until("the copy has failed", () => counts().failed === 1);
});

test("the cookie of a session goes no further than the gateway, and so to no mirror", async (t) => {
  const { shadow, copies } = await shadowing(t);
  const sessions = stickySessions({ cookie: "stay" }, "orders");
  const { gateway, asked, counts } = await mirrored(t, [shadow], { sessions });
  const port = await serve(t, gateway);
  for (const cookie of ["stay=here", "a=1; stay=here; b=2"])
    assert.equal((await ask(port, "/", { headers: { cookie } })).text, "real");
  await until("both copies are answered", () => counts().answered === 2);
  for (const seen of [asked, copies])
    assert.deepEqual(new Set(seen.map(({ headers }) => headers.cookie)), new Set([undefined, "a=1; b=2"]));
});

test("a slow mirror is waited for by nobody", async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const origin = await upstream(t, async (_, response) => {
    await released;
    response.end();
  });
  const { gateway, counts } = await mirrored(t, [instanceAt(t, origin)]);
  assert.equal((await request(t, gateway)).text, "real");
  assert.deepEqual([counts().inFlight, counts().answered], [1, 0]);
  release();
  await until("the copy is answered", () => counts().answered === 1);
});

test("so many of a hundred are copied as the lot says", async (t) => {
  const { shadow, copies } = await shadowing(t);
  const lots = [0.0999, 0.1, 0.5, 0.05];
  const { gateway, counts } = await mirrored(t, [shadow], { options: { percent: 10 }, random: () => lots.shift()! });
  const port = await serve(t, gateway);
  for (const path of ["/a", "/b", "/c", "/d"]) assert.equal((await ask(port, path)).text, "real");
  await until("two copies are answered", () => counts().answered === 2);
  assert.deepEqual(new Set(copies.map(({ url }) => url)), new Set(["/a", "/d"]));
});

test("no more copies than may be are under way, and what finds no room is dropped", async (t) => {
  const hung = instanceAt(t, await rawUpstream(t, () => {}));
  const { gateway, counts, close } = await mirrored(t, [hung], { options: { most: 2 } });
  const port = await serve(t, gateway);
  for (let count = 0; count < 5; count++) assert.equal((await ask(port, "/")).text, "real");
  const { sent, dropped, inFlight } = counts();
  assert.deepEqual({ sent, dropped, inFlight }, { sent: 2, dropped: 3, inFlight: 2 });
  close();
  assert.deepEqual([counts().failed, counts().inFlight], [2, 0]);
  await until("the connections are given back", () => hung.inFlight === 0);
});

test("copies that end in another order than they began leave room for others, each once", async (t) => {
  const held = new Map<string | undefined, () => void>();
  const origin = await upstream(t, ({ url }, response) => void held.set(url, () => response.end()));
  const { gateway, counts } = await mirrored(t, [instanceAt(t, origin)]);
  const port = await serve(t, gateway);
  for (const path of ["/a", "/b", "/c"]) await ask(port, path);
  await until("all three are under way", () => held.size === 3);
  for (const [answered, path] of ["/a", "/c", "/b"].entries()) {
    held.get(path)!();
    await until(`the copy of ${path} is answered`, () => counts().answered === answered + 1);
    assert.equal(counts().inFlight, 2 - answered);
  }
});

test("a body is copied where it is short, and whole for the route's own service in any case", async (t) => {
  const { shadow, copies } = await shadowing(t);
  const { gateway, asked, counts } = await mirrored(t, [shadow], { options: { holdBody: 10 } });
  const port = await serve(t, gateway);
  const bodies = ["0123456789", "0123456789a", "x".repeat(300_000)];
  for (const body of bodies) {
    const headers = { "content-length": String(body.length) };
    assert.equal((await ask(port, "/", { method: "POST", body, headers })).text, "real");
  }
  await until("the copy is answered", () => counts().answered === 1);
  assert.deepEqual([counts().unheld, counts().sent], [2, 1]);
  assert.deepEqual(
    copies.map(({ body, headers }) => [body, headers["content-length"]]),
    [["0123456789", "10"]],
  );
  assert.deepEqual(
    asked.map(({ body }) => body),
    bodies,
  );
});

test("a body without a stated length goes on piece by piece, and is not copied", async (t) => {
  const { shadow } = await shadowing(t);
  const { gateway, asked, counts } = await mirrored(t, [shadow]);
  const sent: ClientRequest = openRequest({
    host: "127.0.0.1",
    port: await serve(t, gateway),
    method: "POST",
    path: "/",
  });
  sent.on("error", () => {});
  sent.write("first");
  await until("it was looked at", () => counts().unheld === 1);
  sent.end(" second");
  await until("the service has it", () => asked.length === 1);
  assert.deepEqual([asked[0]!.body, counts().sent], ["first second", 0]);
});

test("a client that leaves takes no copy along", async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let copies = 0;
  const origin = await upstream(t, async (_, response) => {
    copies++;
    await released;
    response.end();
  });
  const { gateway, records, counts } = await mirrored(t, [instanceAt(t, origin)]);
  const sent = openRequest({ host: "127.0.0.1", port: await serve(t, gateway), path: "/" });
  sent.on("error", () => {}).end();
  await until("the mirror has it", () => copies === 1);
  sent.destroy();
  await until("the request is over", () => records.length === 1);
  release();
  await until("the copy is answered", () => counts().answered === 1);
});

test("a client that leaves in the middle of its body is copied to nobody", async (t) => {
  const { shadow } = await shadowing(t);
  const { gateway, records, counts } = await mirrored(t, [shadow]);
  const headers = { "content-length": "10" };
  const sent = openRequest({ host: "127.0.0.1", port: await serve(t, gateway), method: "POST", headers });
  sent.on("error", () => {});
  sent.write("01234", () => sent.destroy());
  await until("the request is over", () => records.length === 1);
  assert.deepEqual([counts().sent, counts().unheld, counts().inFlight], [0, 0, 0]);
});

test("an upgrade is not copied, nor is a dry run", async (t) => {
  const { shadow, copies } = await shadowing(t);
  const { gateway, counts } = await mirrored(t, [shadow]);
  const head = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  assert.match(await rawRequest(t, gateway, `GET / HTTP/1.1\r\n${head}${key}\r\n`), /^HTTP\/1\.1 200/);
  assert.deepEqual([counts().sent, copies.length], [0, 0]);
  const { exchange } = exchangeOf();
  exchange.route = { name: "one", service: "orders", allow: { kind: "anyone" } };
  const hop = { hops: new Map([["shadow", { pool: { pick: () => assert.fail("an instance was picked") } } as never]]) };
  const options = { service: "shadow", percent: 100, most: 1, holdBody: 0, timeout: 100 };
  void mirror(openMirrors([{ name: "one", mirror: options }], hop).of).run(exchange);
  assert.equal(exchange.ended, false);
});

test("a mirror that is no service is our own failure, and told at once", () => {
  const options = { service: "shadow", percent: 100, most: 1, holdBody: 0, timeout: 100 };
  assert.throws(() => openMirrors([{ name: "one", mirror: options }], { hops: new Map() }), /no service/);
});
