import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { Secret } from "@tandem/platform/config/secret";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createAdmin } from "./admin.ts";
import { adminSchema } from "./config.ts";
import { createReadiness } from "./readiness.ts";

const token = "a-token-for-the-tests";

/** Serves what stands beside, and gives its address. */
async function plane(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts a plane with others beside it, and gives what asks it as a page does. */
async function admin(t: TestContext, beside: readonly string[]) {
  const created = createAdmin({
    config: { ...adminSchema({ port: 0 }).parse({ token: undefined }), token: new Secret(token), beside: [...beside] },
    readiness: createReadiness({}),
    metrics: (_, response) => void response.end(),
    view: () => ({}),
    requestId: () => "request-1",
    logger: silentLogger,
  });
  const { port } = await created.listen();
  t.after(() => created.close());
  return async (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const json: any = await answer.json();
    return { status: answer.status, json };
  };
}

test("another plane is asked for a page, with the token of this one, and only for what it may tell", async (t) => {
  const seen: string[] = [];
  const other = await plane(t, (request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.setHeader("content-type", "application/json").end(`{"from":"there"}`);
  });
  const get = await admin(t, [other]);
  assert.deepEqual((await get("/beside")).json, { planes: [other.slice("http://".length)] });
  for (const path of ["/pools", "/rates", "/requests", "/requests?after=7", "/requests/abc", "/traces/0af7651916cd"])
    assert.deepEqual(await get(`/beside/0${path}`), { status: 200, json: { from: "there" } });
  assert.equal(seen.at(3), `GET /requests?after=7 Bearer ${token}`);
  const asked = seen.length;
  for (const path of [
    "/beside/0/config",
    "/beside/0/metrics",
    "/beside/0/",
    "/beside/1/pools",
    "/beside/-1/pools",
    "/beside/00/pools",
    "/beside/evil.example/pools",
    "/beside/0/traces/..%2fconfig",
    "/beside/0/traces/%2e%2e",
    "/beside/0/requests/a%0d%0ab",
    "/beside/0/beside/0/pools",
  ])
    assert.equal((await get(path)).status, 404, path);
  assert.equal((await get("/beside/0/pools?x=http://evil.example/%0a")).status, 200);
  assert.deepEqual(seen.slice(asked), [`GET /pools Bearer ${token}`], "a query that is none of ours goes nowhere");
});

test("without the token nobody learns what stands beside, and nothing is asked there", async (t) => {
  const other = await plane(t, () => assert.fail("not to be asked"));
  const get = await admin(t, [other]);
  for (const path of ["/beside", "/beside/0/pools"])
    for (const headers of [{}, { authorization: "Bearer wrong" }] as Record<string, string>[])
      assert.equal((await get(path, headers)).status, 401);
});

for (const { name, listener, says } of [
  { name: "hung", listener: () => {}, says: /does not answer within 800 ms/ },
  {
    name: "stuck in the middle of its answer",
    listener: (_: unknown, response: any) => void response.write("["),
    says: /does not answer within 800 ms/,
  },
  {
    name: "gone in the middle of its answer",
    listener: (_: unknown, response: any) => void response.write("[", () => response.destroy()),
    says: /cannot be asked: ECONNRESET/,
  },
  {
    name: "of another token",
    listener: (_: unknown, response: any) => void response.writeHead(401).end("{}"),
    says: /does not accept this plane's token/,
  },
  {
    name: "failing",
    listener: (_: unknown, response: any) => void response.writeHead(500).end("{}"),
    says: /answers 500/,
  },
  {
    name: "leading elsewhere",
    listener: (_: unknown, response: any) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    says: /answers 302/,
  },
  {
    name: "something else altogether",
    listener: (_: unknown, response: any) => void response.end("<html>"),
    says: /no JSON/,
  },
] satisfies { name: string; listener: RequestListener; says: RegExp }[])
  test(`a plane that is ${name} is told of within a second, and the other one answers meanwhile`, async (t) => {
    const well = await plane(t, (_, response) => void response.end("[]"));
    const get = await admin(t, [await plane(t, listener), well]);
    const began = performance.now();
    const [ill, good] = await Promise.all([get("/beside/0/pools"), get("/beside/1/pools")]);
    // It waits for 800 ms; only what hangs takes as long as this.
    assert.ok(performance.now() - began < 5_000);
    assert.equal(ill.status, 502);
    assert.match(ill.json.title, says);
    assert.deepEqual(good, { status: 200, json: [] });
  });

test("a plane that is not there is said not to be, and what it does not know stays a 404", async (t) => {
  const unknowing = await plane(t, (_, response) => void response.writeHead(404).end(`{"title":"No such trace"}`));
  const get = await admin(t, ["http://127.0.0.1:1", unknowing]);
  assert.match((await get("/beside/0/pools")).json.title, /^127\.0\.0\.1:1 is not there$/);
  assert.deepEqual(await get("/beside/1/traces/abc"), { status: 404, json: { title: "No such trace" } });
});

test("only origins may stand beside, each once, and only where there is a token", () => {
  const schema = adminSchema({ port: 9081 });
  const parse = (beside: unknown, more: object = { token: "x" }) => schema.safeParse({ beside, ...more });
  assert.deepEqual(parse(["http://127.0.0.1:9082", "http://[::1]:9082", "http://routing:9082"]).success, true);
  for (const wrong of [
    "http://127.0.0.1:9082/",
    "http://127.0.0.1:9082/config",
    "http://127.0.0.1:9082?x",
    "https://127.0.0.1:9082",
    "http://127.0.0.1",
    "http://user:secret@127.0.0.1:9082",
    "http://127.1:9082",
    "http://127.0.0.1:99999",
    "//127.0.0.1:9082",
    "127.0.0.1:9082",
  ])
    assert.equal(parse([wrong]).success, false, wrong);
  assert.equal(parse(["http://a:1", "http://a:1"]).success, false);
  assert.match(String(parse(["http://a:1"], {}).error), /wants a token/);
});
