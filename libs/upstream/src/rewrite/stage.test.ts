import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { compilePath, matchPath } from "@tandem/kernel/patterns/path-pattern";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, request, serve } from "@tandem/kernel/testing";
import { ask } from "@tandem/platform/testing";
import { WebSocket, WebSocketServer } from "ws";
import { deadOrigin, hopTo, instanceAt, upstream } from "../exchange/testing.ts";
import { proxy } from "../proxy/stage.ts";
import { compileRewrites, type RewritingRoute } from "./rewrites.ts";
import { rewrite } from "./stage.ts";

type Wanted = Omit<RewritingRoute, "name" | "match"> & { readonly path?: string | string[] };

/** Hygiene, one route, its rewriting, and a service at this origin. */
function rewriting(t: TestContext, origin: string, { path = "/**", ...options }: Wanted): Stage[] {
  const route: RewritingRoute = { name: "one", match: { path }, ...options };
  const patterns = [route.match.path].flat().map(compilePath);
  const routing: Stage = {
    name: "routing",
    run(exchange) {
      exchange.route = { name: "one", service: "orders", allow: { kind: "anyone" } };
      exchange.pattern = patterns.find((pattern) => matchPath(pattern, exchange.request.path));
      exchange.request.clientAddress = "192.0.2.7";
    },
  };
  const hops = new Map([["orders", hopTo([instanceAt(t, origin)])]]);
  return [hygiene({ from: "security-tier" }), routing, rewrite(compileRewrites([route])), proxy({ hops })];
}

/** A service that tells what it was asked. */
const telling = (t: TestContext): Promise<string> =>
  upstream(t, ({ url, headers }, response) => {
    response.setHeader("server", "old");
    response.setHeader("vary", "cookie");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ url, headers }));
  });

test("a route without rewriting is passed on as it came", async (t) => {
  const { exchange } = exchangeOf({ path: "/a?b" });
  exchange.route = { name: "another", service: "orders", allow: { kind: "anyone" } };
  rewrite(compileRewrites([{ name: "one", match: { path: "/a" }, rewrite: { path: "/b" } }])).run(exchange);
  assert.equal(exchange.target, undefined);
  const { json } = await request(t, rewriting(t, await telling(t), {}), { path: "/a%20b?c=%61" });
  assert.equal(json.url, "/a%20b?c=%61");
});

test("a prefix comes off, and the service learns which", async (t) => {
  const stages = rewriting(t, await telling(t), { path: "/api/**", rewrite: { stripPrefix: "/api" } });
  const port = await serve(t, createGateway(stages));
  for (const [path, expected] of [
    ["/api", "/"],
    ["/api/", "/"],
    ["/api?a=1", "/?a=1"],
    ["/api/api/x?a=%2F", "/api/x?a=%2F"],
  ] as const) {
    const { json } = await ask(port, path, { headers: { "x-forwarded-prefix": "/admin" } });
    assert.deepEqual([json.url, json.headers["x-forwarded-prefix"]], [expected, "/api"]);
  }
});

test("a new path, host and query reach the service, and it still learns what the client asked for", async (t) => {
  const options: Wanted = {
    path: ["/old/{id}/**", "/older/{group}/{id}/**"],
    rewrite: { path: "/new/{id}/**", host: "orders.internal", query: { set: { v: "2" }, remove: ["debug"] } },
  };
  const port = await serve(t, createGateway(rewriting(t, await telling(t), options)));
  const headers = { host: "shop.test" };
  const { json } = await ask(port, "/older/g/7/x/?v=1&debug=1&a=b", { headers });
  assert.equal(json.url, "/new/7/x/?a=b&v=2");
  assert.deepEqual([json.headers.host, json.headers["x-forwarded-host"]], ["orders.internal", "shop.test"]);
  assert.equal((await ask(port, "/old/7", { headers })).json.url, "/new/7?v=2");
});

test("headers are set, added and removed in both directions", async (t) => {
  const options: Wanted = {
    requestHeaders: { set: { "x-a": "ours" }, add: { accept: "text/plain" }, remove: ["cookie"] },
    responseHeaders: { set: { "x-frame-options": "DENY" }, add: { vary: "origin" }, remove: ["server"] },
  };
  const headers = { "x-a": ["1", "2"], accept: "text/html", cookie: "a=1", "x-b": "kept" };
  const answer = await request(t, rewriting(t, await telling(t), options), { headers });
  const told = answer.json.headers;
  assert.deepEqual(
    [told["x-a"], told.accept, told.cookie, told["x-b"]],
    ["ours", "text/html, text/plain", undefined, "kept"],
  );
  assert.deepEqual(
    ["x-frame-options", "vary", "server"].map((name) => answer.headers[name]),
    ["DENY", "cookie, origin", undefined],
  );
});

test("a problem of ours is nobody's to edit", async (t) => {
  const options: Wanted = {
    responseHeaders: { set: { "cache-control": "public, max-age=3600" }, remove: ["content-type"] },
  };
  const { status, headers } = await request(t, rewriting(t, await deadOrigin(), options));
  assert.deepEqual([status, headers["cache-control"]], [502, "no-store"]);
  assert.equal(headers["content-type"], "application/problem+json");
});

// What a client may try, so that a service decodes something that nobody authorised. Each either never gets past hygiene,
// or arrives as the one normal form that was authorised.
const hostile = [
  "/api/%2e%2e/admin",
  "/api/..%2fadmin",
  "/api/..;/admin",
  "/api/%252e%252e/admin",
  "/api/%2Fadmin",
  "/api/%5cadmin",
  "/api\\..\\admin",
  "/api//admin",
  "/api/%00",
  "/api/%0d%0aX-Evil:%201",
  "/api/%c0%ae%c0%ae/admin",
  "/api/\u00e9",
  "/%61pi/x",
  "/api/%61dmin",
  "/api/%3Fdebug=1",
  "/api/a%23b",
  "/apix/admin",
  "/api?path=/../admin",
  "/api/%",
];
test("nothing that a client escapes is anything else behind a rewriting", async (t) => {
  const asked: string[] = [];
  const origin = await upstream(t, ({ url = "" }, response) => {
    asked.push(url);
    response.end();
  });
  for (const rewritten of [{ stripPrefix: "/api" }, { path: "/new/**" }]) {
    const port = await serve(t, createGateway(rewriting(t, origin, { path: "/api/**", rewrite: rewritten })));
    asked.length = 0;
    const statuses: Record<string, number> = {};
    for (const path of hostile)
      statuses[path] = await ask(port, path).then(
        ({ status }) => status,
        // Node's own client refuses to write some of them.
        () => 0,
      );
    const prefix = "path" in rewritten ? "/new" : "";
    assert.deepEqual(asked, [
      `${prefix}/x`,
      `${prefix}/admin`,
      `${prefix}/%3Fdebug=1`,
      `${prefix}/a%23b`,
      `${prefix || "/"}?path=/../admin`,
    ]);
    assert.equal(Object.values(statuses).filter((status) => status === 200).length, asked.length);
  }
});

test("a websocket is rewritten as any other request, and so is its answer", async (t) => {
  const webSockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(webSockets, "listening");
  webSockets.on("connection", (socket, { url, headers }) => socket.send([url, headers.host, headers["x-a"]].join(" ")));
  webSockets.on("headers", (lines) => lines.push("server: old"));
  t.after(() => {
    for (const socket of webSockets.clients) socket.terminate();
    webSockets.close();
  });
  const { port: upstreamPort } = webSockets.address() as { port: number };
  const stages = rewriting(t, `http://127.0.0.1:${upstreamPort}`, {
    path: "/ws/{room}",
    rewrite: { path: "/rooms/{room}", host: "chat.internal", query: { remove: ["token"] } },
    requestHeaders: { set: { "x-a": "1" } },
    responseHeaders: { set: { "x-b": "2" }, remove: ["server"] },
  });
  const socket = new WebSocket(`ws://127.0.0.1:${await serve(t, createGateway(stages))}/ws/7?token=1&a=2`);
  const upgraded = once(socket, "upgrade");
  assert.equal(String((await once(socket, "message"))[0]), "/rooms/7?a=2 chat.internal 1");
  const [{ headers }] = (await upgraded) as [{ headers: Record<string, string> }];
  assert.deepEqual([headers["x-b"], headers["server"]], ["2", undefined]);
  socket.terminate();
});

test("a path that matched nothing of the route is our own failure", async () => {
  const { exchange } = exchangeOf({ path: "/a" });
  exchange.route = { name: "one", service: "orders", allow: { kind: "anyone" } };
  const rewrites = compileRewrites([{ name: "one", match: { path: "/a" }, rewrite: { path: "/b" } }]);
  assert.throws(() => rewrite(rewrites).run(exchange), /matched/);
});
