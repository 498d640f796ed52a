import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, rawRequest, request, serve } from "@tandem/kernel/testing";
import { directoryWith, until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { WebSocket, WebSocketServer } from "ws";
import { loadClientTls } from "../connections/client-tls.ts";
import { deadOrigin, hopTo, instanceAt, poolOf, rawUpstream, upstream } from "../exchange/testing.ts";
import { TestInstance } from "../pool/testing.ts";
import type { Instance } from "../pool/instance.ts";
import { forward } from "./stage.ts";

const options = { connectTimeout: 10_000, timeout: 10_000, idleTimeout: 10_000 };
const traceId = "a".repeat(32);

const vouch: Stage = {
  name: "vouch",
  run({ outgoing, record }) {
    outgoing.set("tandem-assertion", "vouched");
    outgoing.drop("authorization");
    record.trace = { traceId, spanId: "b".repeat(16), sampled: true, random: true };
  },
};

const forwarding = (instances: readonly Instance[], timeout = options.timeout): Stage[] => [
  hygiene({ from: "strangers" }),
  vouch,
  forward({ pool: hopTo(instances).pool, options: { ...options, timeout }, ids: { spanId: () => "c".repeat(16) } }),
];

test("a routing gateway is asked for the normal form, with what the stages vouch for", async (t) => {
  const origin = await upstream(t, (asked, response) => response.end(JSON.stringify([asked.url, asked.headers])));
  const headers = {
    host: "A.test:8443",
    authorization: "Bearer secret",
    "tandem-assertion": "forged",
    traceparent: `00-${"f".repeat(32)}-${"f".repeat(16)}-01`,
    "x-kept": "1",
  };
  const { text } = await request(t, forwarding([instanceAt(t, origin)]), { path: "/a/%62?c=1", headers });
  const [url, { connection, ...seen }] = JSON.parse(text);
  assert.equal(connection, "keep-alive");
  assert.equal(url, "/a/b?c=1");
  assert.deepEqual(seen, {
    host: "a.test:8443",
    "tandem-assertion": "vouched",
    traceparent: `00-${traceId}-${"c".repeat(16)}-03`,
    "x-kept": "1",
  });
});

const failures: {
  name: string;
  code: string;
  status: number;
  origins: (t: Parameters<typeof upstream>[0]) => Promise<string[]>;
}[] = [
  { name: "no routing gateway", code: "tier.unavailable", status: 503, origins: async () => [] },
  { name: "one at which nobody listens", code: "tier.refused", status: 502, origins: async () => [await deadOrigin()] },
  {
    name: "one that says nothing",
    code: "tier.timeout",
    status: 504,
    origins: async (t) => [await rawUpstream(t, () => {})],
  },
  {
    name: "one that breaks off",
    code: "tier.failed",
    status: 502,
    origins: async (t) => [await rawUpstream(t, (socket) => socket.destroy())],
  },
  {
    name: "one with an ambiguous answer",
    code: "tier.failed",
    status: 502,
    origins: async (t) => [await rawUpstream(t, (s) => s.write("HTTP/1.1 200 OK\r\ncontent-length: 01\r\n\r\nx"))],
  },
];

for (const { name, code, status, origins } of failures)
  test(`${name} is ${code}`, async (t) => {
    const instances = (await origins(t)).map((origin) => instanceAt(t, origin));
    const timeout = status === 504 ? 100 : options.timeout;
    const answer = await request(t, forwarding(instances, timeout));
    assert.deepEqual([answer.status, answer.json.type], [status, `urn:tandem:problem:${code}`]);
    assert.equal(answer.headers["retry-after"], status === 503 ? "1" : undefined);
  });

const refusing = (challenge: string): string =>
  `HTTP/1.1 401 Unauthorized\r\n${challenge}content-length: 7\r\n\r\nprivate`;
const ours = 'WWW-Authenticate: Tandem realm="r", error="e"\r\n';

for (const { name, challenge, status } of [
  { name: "of this tier is our failure", challenge: ours, status: 502 },
  { name: "of the client is the client's", challenge: 'WWW-Authenticate: Bearer realm="Tandem "\r\n', status: 401 },
  { name: "without challenge is the client's", challenge: "", status: 401 },
])
  test(`a refusal ${name}, and its connection is used again`, async (t) => {
    let connections = 0;
    const origin = await rawUpstream(t, (socket, _, earlier) => {
      if (earlier === 0) connections++;
      socket.write(refusing(challenge));
    });
    const instance = instanceAt(t, origin);
    const records: RequestRecord[] = [];
    const gateway = createGateway(forwarding([instance]), {
      prelude: [],
      observers: [(one) => void records.push(one)],
    });
    for (let turn = 1; turn <= 2; turn++) {
      const answer = await request(t, gateway);
      assert.equal(answer.status, status);
      if (status === 401) assert.equal(answer.text, "private");
      else assert.equal(answer.json.type, "urn:tandem:problem:tier.failed");
      assert.equal(answer.headers["www-authenticate"] === undefined, !challenge.includes("Bearer"));
      await until("the record", () => records.length === turn);
      const { cause, attempts } = records[turn - 1]!;
      assert.equal(String(cause).includes('refuses this tier: Tandem realm="r", error="e"'), status === 502);
      assert.deepEqual([attempts[0]?.status, attempts[0]?.outcome], [401, "answered"]);
      assert.equal(instance.inFlight, 0);
    }
    assert.equal(connections, 1);
  });

test("a refusal of this tier in the middle of an upload ends the upload", async (t) => {
  let closed = false;
  const origin = await rawUpstream(t, (socket) => {
    socket.once("close", () => (closed = true));
    socket.write(refusing(ours).slice(0, -3));
  });
  const instance = instanceAt(t, origin);
  const bytes = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf";
  const text = await rawRequest(t, forwarding([instance]), bytes);
  assert.match(text, /^HTTP\/1\.1 502 [^]*\r\nconnection: close\r\n[^]*tier\.failed/i);
  await until("the connection is given up", () => closed && instance.inFlight === 0);
});

test("a websocket that is refused to this tier is our failure", async (t) => {
  const instance = instanceAt(t, await rawUpstream(t, (socket) => socket.end(refusing(ours))));
  const port = await serve(t, createGateway(forwarding([instance])));
  const [error] = await once(new WebSocket(`ws://127.0.0.1:${port}/`), "error");
  assert.match(String(error), /Unexpected server response: 502/);
  assert.equal(instance.inFlight, 0);
});

test("a question about the whole server leads nowhere", async (t) => {
  const origin = await upstream(t, (_, response) => response.end());
  const { status, json } = await request(t, forwarding([instanceAt(t, origin)]), { method: "OPTIONS", path: "*" });
  assert.deepEqual([status, json.type], [404, "urn:tandem:problem:route.unknown"]);
});

test("a dry run plans to forward, and asks nobody", async () => {
  const { exchange } = exchangeOf({ transport: { kind: "dry" } });
  const pool = poolOf([new TestInstance("a")], { pick: () => assert.fail("an instance was picked") });
  await forward({ pool, options }).run(exchange);
  assert.equal(exchange.planned, "forward");
  assert.deepEqual(exchange.record.attempts, []);
});

test("a websocket crosses to a routing gateway that asks for our certificate", async (t) => {
  const authority = createAuthority("test");
  const server = issueCertificate(authority, { name: "routing-gateway", sans: ["routing-gateway"], usage: "server" });
  const client = issueCertificate(authority, { name: "security-gateway", usage: "client" });
  const directory = directoryWith(t, { ca: authority.certificate, certificate: client.certificate, key: client.key });
  const [ca, certificate, key] = ["ca", "certificate", "key"].map((name) => join(directory, name));
  const listener = createServer({
    cert: server.certificate,
    key: server.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const webSockets = new WebSocketServer({ server: listener });
  webSockets.on("connection", (socket, asked) =>
    socket.on("message", (data) =>
      socket.send([asked.headers["tandem-assertion"], (data as Buffer).toString()].join(": ")),
    ),
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of webSockets.clients) socket.terminate();
    listener.close();
  });
  const instance = instanceAt(t, `https://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  for (const name of ["routing-gateway", "another"]) {
    const tls = loadClientTls({ ca, certificate, key, name });
    const stages = [hygiene({ from: "strangers" }), vouch, forward({ pool: hopTo([instance]).pool, options, tls })];
    const socket = new WebSocket(`ws://127.0.0.1:${await serve(t, createGateway(stages))}/`, {
      headers: { host: "another" },
    });
    t.after(() => socket.terminate());
    if (name === "another") {
      const [error] = await once(socket, "error");
      assert.match(String(error), /Unexpected server response: 502/);
    } else {
      await once(socket, "open");
      socket.send("hello");
      assert.equal(String((await once(socket, "message"))[0]), "vouched: hello");
    }
  }
});
