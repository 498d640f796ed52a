import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { HeldBytes } from "@tandem/kernel/held-bytes";
import { exchangeOf, request } from "@tandem/kernel/testing";
import type { Stage } from "@tandem/kernel/stage";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { createRouteTable } from "./route-table.ts";
import { matchRoute } from "./stage.ts";

const stage = matchRoute(
  createRouteTable([
    {
      name: "orders-read",
      service: "orders",
      allow: { kind: "scopes", scopes: ["orders:read"] },
      match: { path: "/orders/**", methods: ["GET"] },
    },
  ]),
);

test("the route stands in the exchange and in the record", () => {
  const { exchange } = exchangeOf({ path: "/orders/7?expand=lines" });
  assert.equal(stage.run(exchange), undefined, "without waiting");
  assert.deepEqual(exchange.route, {
    name: "orders-read",
    service: "orders",
    allow: { kind: "scopes", scopes: ["orders:read"] },
  });
  assert.equal(exchange.pattern?.text, "/orders/**");
  assert.equal(exchange.record.route, "orders-read");
});

test("a path that no route knows is a 404", () => {
  const { exchange } = exchangeOf({ path: "/order" });
  assert.throws(() => stage.run(exchange), { code: "route.unknown", status: 404 });
  assert.equal(exchange.route, undefined);
});

for (const method of ["POST", "OPTIONS", "DELETE", "PROPFIND"])
  test(`${method} where only GET leads is a 405 that says so`, () => {
    const { exchange } = exchangeOf({ path: "/orders", method });
    assert.throws(
      () => stage.run(exchange),
      (error) => {
        assert.ok(error instanceof GatewayError);
        assert.deepEqual([error.code, error.status, error.headers], ["route.method", 405, { allow: "GET, HEAD" }]);
        return true;
      },
    );
  });

const typed = (name: string, is: string, limit: number) => ({
  name,
  service: name,
  allow: { kind: "anyone" } as const,
  match: { path: "/events", methods: ["POST" as const], body: { pointer: "/type", is, limit } },
});
const events = matchRoute(
  createRouteTable([
    typed("small", "order", 40),
    typed("large", "order", 200),
    { name: "rest", service: "rest", allow: { kind: "anyone" }, match: { path: "/events", methods: ["POST"] } },
    {
      name: "keyed",
      service: "keyed",
      allow: { kind: "anyone" },
      match: { path: "/events", methods: ["POST"], headers: { "x-key": "1" } },
    },
    { ...typed("only", "order", 40), match: { ...typed("", "order", 40).match, path: "/only" } },
  ]),
);

/** Tells where it went, and what is left of the body for the service. */
const told: Stage = {
  name: "told",
  async run(exchange) {
    const { body, content } = exchange.request;
    const left = content ?? Buffer.concat((await body?.toArray()) ?? []);
    return exchange.act("tell", () =>
      exchange.reply.send(
        200,
        ["content-type", "application/json"],
        JSON.stringify({ route: exchange.route?.name, held: !!content, left: String(left) }),
      ),
    );
  },
};
const json = { "content-type": "application/json" };
const order = (length: number): string => `{"type":"order","p":"${"x".repeat(length - 23)}"}`;

const bodies: { name: string; body: string; headers?: object; route: string; held: boolean }[] = [
  { name: "a body that says so leads there", body: order(40), route: "small", held: true },
  { name: "a body beyond one limit is read up to the next", body: order(41), route: "large", held: true },
  { name: "a body beyond every limit is streamed on", body: order(201), route: "rest", held: false },
  { name: "another value leads on", body: '{"type":"other"}', route: "rest", held: true },
  { name: "a value of another type is another value", body: '{"type":["order"]}', route: "rest", held: true },
  { name: "a body that is no JSON leads on", body: "{type", route: "rest", held: true },
  { name: "a member named twice leads on", body: '{"type":"other","type":"order"}', route: "rest", held: true },
  {
    name: "a body of another type is not read",
    body: order(40),
    headers: { "content-type": "text/plain" },
    route: "rest",
    held: false,
  },
  {
    name: "a compressed body is not read",
    body: order(40),
    headers: { ...json, "content-encoding": "gzip" },
    route: "rest",
    held: false,
  },
  {
    name: "a route that asks for a header first needs no body",
    body: order(40),
    headers: { ...json, "x-key": "1" },
    route: "keyed",
    held: false,
  },
  { name: "an empty body leads on", body: "", route: "rest", held: false },
];
for (const { name, body, headers = json, route, held } of bodies)
  for (const chunked of [false, true])
    test(`${name}${chunked ? ", in chunks" : ""}`, async (t) => {
      const sent = chunked
        ? { ...headers, "transfer-encoding": "chunked" }
        : { ...headers, "content-length": `${body.length}` };
      const asked = { method: "POST", path: "/events", headers: { host: "a.test", ...sent }, body };
      const { status, json: answered } = await request(t, [hygiene({ from: "strangers" }), events, told], asked);
      // Chunks promise a body, even where none follows.
      const isHeld = held || (chunked && body === "");
      assert.deepEqual([status, answered], [200, { route, held: isHeld, left: body }]);
    });

test("where no condition on the body could hold, nothing waits for it", () => {
  const body = new Readable({ read: () => assert.fail("it was read") });
  const { exchange } = exchangeOf({ method: "POST", path: "/events", body });
  assert.equal(events.run(exchange), undefined);
  assert.equal(exchange.route?.name, "rest");
});

test("a body that leads nowhere is 404, another method 405", async () => {
  const asked = (method: string, text?: string) => {
    const rawHeaders = ["content-type", "application/json"];
    const body = text === undefined ? {} : { body: Readable.from([Buffer.from(text)]) };
    return exchangeOf({ method, path: "/only", rawHeaders, ...body }).exchange;
  };
  const found = asked("POST", '{"type":"order"}');
  await events.run(found);
  assert.equal(found.route?.name, "only");
  await assert.rejects(async () => events.run(asked("POST", '{"type":"other"}')), { code: "route.unknown" });
  await assert.rejects(async () => events.run(asked("POST")), { code: "route.unknown" });
  for (const text of [undefined, "{}"])
    await assert.rejects(async () => events.run(asked("PUT", text)), {
      code: "route.method",
      headers: { allow: "POST" },
    });
});

test("a client that leaves in the middle of its body is told nothing of routes", async () => {
  const body = new Readable({ read() {} });
  const { exchange } = exchangeOf({
    method: "POST",
    path: "/events",
    rawHeaders: ["content-type", "application/json"],
    body,
  });
  const pending = events.run(exchange);
  body.push('{"type":');
  body.destroy(new Error("reset"));
  await assert.rejects(async () => pending, { code: "request.aborted" });
  assert.equal(exchange.route, undefined);
});

test("without room to read a body, the route that depends on it is not guessed", async () => {
  const body = Readable.from([Buffer.from(order(40))]);
  const { exchange } = exchangeOf({ method: "POST", path: "/events", body });
  exchange.request.headers = ["content-type", "application/json"];
  exchange.request.heldBytes = new HeldBytes(39);
  await assert.rejects(async () => events.run(exchange), {
    code: "server.busy",
    status: 503,
    headers: { "retry-after": "1" },
  });
  assert.equal(exchange.route, undefined);
  assert.equal(exchange.request.heldBytes.now, 0);
});
