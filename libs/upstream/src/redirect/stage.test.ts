import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { dryRun } from "@tandem/kernel/explain/dry-run";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { compilePath, matchPath } from "@tandem/kernel/patterns/path-pattern";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, rawRequest, request, serve } from "@tandem/kernel/testing";
import { ask } from "@tandem/platform/testing";
import { compileRedirects, type RedirectingRoute } from "./redirects.ts";
import { redirect } from "./stage.ts";

type Wanted = Partial<NonNullable<RedirectingRoute["redirect"]>> & { readonly at?: string | string[] };

/** Hygiene, one route and where it leads. */
function redirecting({ at = "/**", ...options }: Wanted): Stage[] {
  const patterns = [at].flat().map(compilePath);
  const routing: Stage = {
    name: "routing",
    run(exchange) {
      exchange.route = { name: "old", allow: { kind: "anyone" } };
      exchange.pattern = patterns.find((pattern) => matchPath(pattern, exchange.request.path));
      exchange.request.scheme = "https";
    },
  };
  const wanted = { query: "keep", status: 307, ...options } as const;
  const redirects = compileRedirects([{ name: "old", match: { path: at }, redirect: wanted }]);
  return [hygiene({ from: "strangers" }), routing, redirect(redirects)];
}

const cases: { name: string; wanted: Wanted; path: string; expected: string }[] = [
  { name: "another path", wanted: { path: "/new" }, path: "/old?a=1", expected: "/new?a=1" },
  { name: "a path without the query", wanted: { path: "/new", query: "drop" }, path: "/old?a=1", expected: "/new" },
  { name: "another host", wanted: { host: "b.test" }, path: "/old/x?a=%2F", expected: "https://b.test/old/x?a=%2F" },
  {
    name: "another scheme and port",
    wanted: { scheme: "http", host: "b.test:8080" },
    path: "/",
    expected: "http://b.test:8080/",
  },
  {
    name: "parameters and the rest",
    wanted: { at: ["/x/**", "/old/{id}/**"], host: "b.test", path: "/**" },
    path: "/old/7/a/%C3%A9/",
    expected: "https://b.test/a/%C3%A9/",
  },
];
for (const { name, wanted, path, expected } of cases)
  test(`a route leads to ${name}`, async (t) => {
    const { status, headers, text } = await request(t, redirecting(wanted), { path });
    assert.deepEqual([status, headers["location"], text], [307, expected, ""]);
  });

for (const query of ["keep", "drop"] as const)
  test(`a dry run tells where a route leads, and of a query only what becomes of it: ${query}`, async () => {
    const stages = redirecting({ host: "b.test", path: "/new", query });
    const { request: asked } = exchangeOf({
      path: "/old?access_token=hunter2",
      rawHeaders: ["Host", "a.test"],
    }).exchange;
    const { steps, end } = await dryRun(stages, asked);
    const becomes = query === "keep" ? "kept" : "dropped";
    assert.deepEqual(steps.at(-1)?.evidence, { status: 307, location: "https://b.test/new", query: becomes });
    assert.deepEqual(end, { kind: "acts", stage: "redirect", plan: "redirect" });
  });

test("the status is the route's", async (t) => {
  for (const status of [301, 302, 303, 307, 308] as const) {
    const answer = await request(t, redirecting({ path: "/new", status }), { method: "POST", body: "unread" });
    assert.equal(answer.status, status);
  }
});

test("an upgrade is led elsewhere on its bare socket", async (t) => {
  const head = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const text = await rawRequest(t, redirecting({ path: "/new" }), `GET /old HTTP/1.1\r\n${head}${key}\r\n`);
  assert.match(text, /^HTTP\/1\.1 307 [^]*\r\nlocation: \/new\r\n/);
});

// Each would lead a client that trusts this host to another one, or end the header, if it got as far as the answer.
const hostile = [
  "//evil.test/",
  "/old//evil.test",
  "/old/%2Fevil.test",
  "/old/%5Cevil.test",
  "/old/\\evil.test",
  "/old/%0d%0aset-cookie:%20a=1",
  "/old/..//evil.test",
  "/old/.%2e/%2e./",
  "/old?a=%0d%0ab",
  "/old/@evil.test",
  "/old/https:evil.test",
];
test("no client leads another astray", async (t) => {
  let led = 0;
  for (const wanted of [{ path: "/**" }, { host: "b.test" }, { host: "b.test", path: "/**" }]) {
    const port = await serve(t, createGateway(redirecting({ at: "/old/**", ...wanted })));
    for (const path of hostile) {
      const { status, headers } = await ask(port, path).catch(() => ({ status: 400, headers: {} as never }));
      if (status === 400) continue;
      assert.equal(status, 307, path);
      const { host } = new URL(String(headers["location"]), "https://a.test/");
      assert.equal(host, "host" in wanted ? "b.test" : "a.test", `${path} led to ${String(headers["location"])}`);
      assert.equal(headers["set-cookie"], undefined);
      led++;
    }
  }
  assert.equal(led, 9);
});

test("who may not take the route does not learn where it leads", async (t) => {
  const [hygienic, routing, redirected] = redirecting({ path: "/secret" }) as [Stage, Stage, Stage];
  const refusing: Stage = {
    name: "authorize",
    run() {
      throw new GatewayError("access.denied");
    },
  };
  const { status, headers } = await request(t, createGateway([hygienic, routing, refusing, redirected]));
  assert.deepEqual([status, headers["location"]], [403, undefined]);
});

test("other routes go on, and a dry run answers nobody", () => {
  const redirects = compileRedirects([
    { name: "old", match: { path: "/" }, redirect: { path: "/a", query: "keep", status: 307 } },
  ]);
  const { exchange, sent } = exchangeOf({ transport: { kind: "dry" } });
  exchange.route = { name: "another", service: "orders", allow: { kind: "anyone" } };
  void redirect(redirects).run(exchange);
  assert.equal(exchange.ended, false);
  exchange.route = { name: "old", allow: { kind: "anyone" } };
  exchange.pattern = compilePath("/");
  void redirect(redirects).run(exchange);
  assert.deepEqual([exchange.planned, sent.length], ["redirect", 0]);
});
