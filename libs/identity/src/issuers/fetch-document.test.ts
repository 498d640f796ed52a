import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { fetchDocument } from "./fetch-document.ts";

const options = { fetch: globalThis.fetch, timeout: 300, limit: 1000 };

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
}

test("a document is fetched as it is", async (t) => {
  const url = await serve(t, (_, response) => response.end('{"keys":[]}'));
  assert.deepEqual(await fetchDocument(url, options), { text: '{"keys":[]}', freshFor: undefined });
});

test("a document that comes slowly, but in time, is fetched", async (t) => {
  const url = await serve(t, (_, response) => {
    response.write("a");
    setTimeout(() => response.end("b"), 50);
  });
  assert.equal((await fetchDocument(url, options)).text, "ab");
});

test("a document of exactly the limit is fetched", async (t) => {
  const url = await serve(t, (_, response) => response.end("a".repeat(1000)));
  assert.equal((await fetchDocument(url, options)).text.length, 1000);
});

test("for how long it may be kept is told with it", async (t) => {
  const url = await serve(t, (_, response) => response.writeHead(200, { "cache-control": "max-age=120" }).end("a"));
  assert.equal((await fetchDocument(url, options)).freshFor, 120_000);
});

const failures: { name: string; listener: RequestListener; saying: RegExp }[] = [
  { name: "a server that never answers", listener: () => {}, saying: /timeout/i },
  { name: "a server that stops half-way", listener: (_, response) => void response.write("{"), saying: /timeout/i },
  {
    name: "a server that drips for ever",
    listener: (_, response) => void setInterval(() => response.write("a"), 20).unref(),
    saying: /timeout/i,
  },
  { name: "a server that hangs up", listener: (request) => request.socket.destroy(), saying: /fetch failed/ },
  {
    name: "a server that hangs up half-way",
    listener: (request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => request.socket.destroy());
    },
    saying: /terminated/,
  },
  {
    name: "an answer that is too large",
    listener: (_, response) => void response.end("a".repeat(1001)),
    saying: /more than 1000 bytes/,
  },
  {
    name: "an answer without end",
    listener: (_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write("a".repeat(10_000)));
      };
      response.on("drain", pour);
      pour();
    },
    saying: /more than 1000 bytes/,
  },
  { name: "an error", listener: (_, response) => void response.writeHead(500).end("{}"), saying: /answered 500/ },
  { name: "nothing", listener: (_, response) => void response.writeHead(204).end(), saying: /answered 204/ },
  {
    name: "a way to somewhere else",
    listener: (request, response) =>
      request.url === "/other" ? response.end("{}") : response.writeHead(302, { location: "/other" }).end(),
    saying: /fetch failed/,
  },
];

for (const { name, listener, saying } of failures) {
  test(`${name} is a failure, and in time`, async (t) => {
    const url = await serve(t, listener);
    const start = performance.now();
    await assert.rejects(fetchDocument(url, options), saying);
    assert.ok(performance.now() - start < 1000);
  });
}

test("a server that is gone is a failure", async (t) => {
  const url = await serve(t, () => {});
  const gone = url.replace(/:\d+/, ":1");
  await assert.rejects(fetchDocument(gone, options), /fetch failed/);
});
