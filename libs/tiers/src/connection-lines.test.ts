import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { logLine } from "@tandem/observe/log-schema/log-schema";
import { until } from "@tandem/platform/testing";
import { securityProcess } from "./security-process.ts";
import { keysFolder, startTier } from "./testing.ts";

test("a tier logs each connection by the schema, finds it in the lines of its requests, and counts it", async (t) => {
  const folder = await keysFolder(t);
  const tier = await startTier(t, securityProcess, {
    folder,
    section: {
      listen: { host: "127.0.0.1", port: 0, tls: { certificate: "server.crt", key: "server.key" } },
      assertion: { keys: "assertion-keys" },
      routingTier: { discovery: "static", instances: ["http://127.0.0.1:1"] },
    },
  });
  const ca = readFileSync(join(folder, "ca.crt"));
  const client = connectTls({ port: tier.port, host: "127.0.0.1", ca, servername: "localhost" });
  client.end("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").resume();
  await once(client, "close");
  const stranger = connect(tier.port, "127.0.0.1").resume();
  stranger.end("GET / HTTP/1.1\r\n\r\n");
  const ofKind = (kind: string) => tier.lines.filter((line) => line["event.dataset"] === `tandem.${kind}`);
  await until("both are told", () => ofKind("connection").length === 2);
  for (const line of ofKind("connection")) assert.deepEqual(logLine.safeParse(line).error?.issues ?? [], []);
  const [served, refused] = ofKind("connection").toSorted(
    (a, b) => b["tandem.connection.requests"] - a["tandem.connection.requests"],
  );
  assert.deepEqual(
    [served?.["tls.client.server_name"], served?.["tandem.connection.requests"], served?.["client.address"]],
    ["localhost", 1, "127.0.0.1"],
  );
  assert.deepEqual(
    [refused?.["event.reason"], refused?.["tandem.connection.handshake"]],
    ["handshake-failed", "not-tls"],
  );
  assert.equal(ofKind("request")[0]?.["tandem.connection.id"], served?.["tandem.connection.id"]);
  const metrics = await (await tier.admin("/metrics")).text();
  assert.match(metrics, /^tandem_handshake_failures_total\{tier="security",reason="not-tls"\} 1$/m);
  assert.match(metrics, /^tandem_connections_ended_total\{tier="security",reason="handshake-failed"\} 1$/m);
});
