// An instance that speaks nothing but HTTP/2 is asked in it, and one that does not speak it is not well.
import assert from "node:assert/strict";
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { createSecureContext, type Server } from "node:tls";
import { until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import type { Protocol } from "../connections/dispatcher.ts";
import { healthSchema } from "./config.ts";
import { createProbe, knock, type Probe } from "./probe.ts";

const authority = createAuthority("test");
const own = issueCertificate(authority, { name: "service", sans: ["service"], usage: "server" });
const material = { cert: own.certificate, key: own.key };
const tls = { context: createSecureContext({ ca: authority.certificate }), name: "service" };

const listening = async (t: TestContext, server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

type Answering = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A service that speaks HTTP/2 alone, and how many connections to it are open. */
async function http2Alone(t: TestContext, answer: Answering): Promise<{ origin: string; open: () => number }> {
  const server = createSecureServer(material);
  let open = 0;
  server.on("session", (session) => {
    open++;
    session.on("error", () => {}).on("close", () => open--);
  });
  server
    .on("sessionError", () => {})
    .on("stream", (stream, headers) => {
      stream.on("error", () => {});
      answer(stream, headers);
    });
  return { origin: await listening(t, server), open: () => open };
}

const asking = { type: "http", path: "/healthz?deep=1", timeout: "5s" };

function probeOf(given: object, protocol: Protocol = "h2"): Probe {
  const { probe } = healthSchema.parse({ probe: "type" in given ? given : { ...asking, ...given } });
  assert.ok(probe);
  return createProbe(probe, { tls, protocol });
}

const found = async (probe: Probe, origin: string) => {
  const { ok, found: what } = await probe(origin, new AbortController().signal);
  return [ok, what];
};

const knocking = (protocol: Protocol): Probe => knock(5_000, { tls, protocol });

const well: Answering = (stream) => {
  stream.respond({ ":status": 200 });
  stream.end("fine");
};

test("an instance that speaks HTTP/2 alone is asked for its path, as itself", async (t) => {
  const asked: unknown[] = [];
  const { origin, open } = await http2Alone(t, (stream, headers) => {
    const { ":method": method, ":path": path, ":authority": host, "user-agent": agent } = headers;
    asked.push([method, path, host, agent]);
    well(stream, headers);
  });
  assert.deepEqual(await found(probeOf({}), origin), [true, "status 200"]);
  assert.deepEqual(await found(probeOf({ host: "orders.internal" }), origin), [true, "status 200"]);
  assert.deepEqual(await found(knocking("h2"), origin), [true, "a connection"]);
  assert.deepEqual(asked, [
    ["GET", "/healthz?deep=1", origin.slice("https://".length), "tandem-probe"],
    ["GET", "/healthz?deep=1", "orders.internal", "tandem-probe"],
  ]);
  await until("its connections are closed", () => open() === 0);
  // Whoever offers it nothing but HTTP/1.1 does not get as far as a connection.
  assert.equal((await found(knocking("http1"), origin))[0], false);
});

const answers: { name: string; answer: Answering; ok: boolean; what: string | RegExp }[] = [
  {
    name: "a status that is not expected",
    answer: (stream) => stream.respond({ ":status": 503 }, { endStream: true }),
    ok: false,
    what: "status 503",
  },
  {
    name: "a status behind an early hint",
    answer: (stream, headers) => {
      stream.additionalHeaders({ ":status": 103 });
      well(stream, headers);
    },
    ok: true,
    what: "status 200",
  },
  { name: "silence", answer: () => {}, ok: false, what: "no answer in time" },
  {
    name: "an answer that stops in its middle",
    answer: (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("half");
    },
    ok: false,
    what: "no answer in time",
  },
  {
    name: "an answer that breaks off",
    answer: (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("half");
      setImmediate(() => stream.session?.destroy());
    },
    ok: false,
    what: /broke off|ERR_/,
  },
  {
    name: "an answer that is shorter than it says",
    answer: (stream) => {
      stream.respond({ ":status": 200, "content-length": "9" });
      stream.end("half");
    },
    ok: false,
    what: /broke off|ERR_/,
  },
  {
    name: "an answer without end",
    answer: (stream) => {
      stream.respond({ ":status": 200 });
      const more = (): void => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
      };
      stream.on("drain", more);
      more();
    },
    ok: true,
    what: "status 200",
  },
  { name: "a reset", answer: (stream) => stream.close(2), ok: false, what: "ERR_HTTP2_STREAM_ERROR" },
  {
    name: "a refusal without reason",
    answer: (stream) => stream.close(8),
    ok: false,
    what: "no answer to the question",
  },
];
for (const { name, answer, ok, what } of answers)
  test(`over HTTP/2 ${name} is ${ok ? "healthy" : "not healthy"}`, async (t) => {
    const { origin, open } = await http2Alone(t, answer);
    const timeout = what === "no answer in time" ? "200ms" : "5s";
    const result = await found(probeOf({ timeout }), origin);
    assert.equal(result[0], ok);
    if (typeof what === "string") assert.equal(result[1], what);
    else assert.match(String(result[1]), what);
    await until("its connection is closed", () => open() === 0);
  });

test("an instance that speaks HTTP/1.1 alone is not well where HTTP/2 is said, whatever is asked", async (t) => {
  for (const alpn of [["http/1.1"], undefined]) {
    const server = createHttps({ ...material, ...(alpn && { ALPNProtocols: alpn }) }, (_, response) => response.end());
    const origin = await listening(t, server);
    for (const probe of [probeOf({}), probeOf({ type: "tcp" }), knocking("h2")])
      assert.equal((await found(probe, origin))[0], false);
    assert.deepEqual(await found(probeOf({}, "http1"), origin), [true, "status 200"]);
  }
});
