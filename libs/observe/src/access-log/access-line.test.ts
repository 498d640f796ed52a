import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RequestRecord } from "@tandem/kernel/record";
import { endOfSearched } from "@tandem/platform/log/json-line";
import { searchedFields } from "@tandem/platform/telemetry/line-record";
import { logLine } from "../log-schema/log-schema.ts";
import { requestLine } from "../log-schema/request-line.ts";
import { answeredRecord, deniedRecord, traceId } from "../testing.ts";
import { createAccessLine } from "./access-line.ts";
import { flagsOf } from "../outcome/response-flags.ts";

const lineOf = createAccessLine({ tier: "routing", service: "routing-gateway", instance: "one" });
const flagged = (record: RequestRecord): RequestRecord => Object.assign(record, { flags: flagsOf(record) });
const read = (record: RequestRecord): any => JSON.parse(lineOf(flagged(record)));

const tls = { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", alpn: "h2", sni: "a.test" };

test("a line says all that happened, in types and in the names of ECS", () => {
  const peer = { address: "192.0.2.7", port: 41000, tls };
  const line = read(answeredRecord({ clientRequestId: "my-7", scheme: "https", peer }));
  assert.deepEqual(line, {
    "@timestamp": "2023-11-14T22:13:20.123Z",
    "log.level": "info",
    message: "GET /orders/7 200 in 12.5 ms",
    "ecs.version": "8.17",
    "event.dataset": "tandem.request",
    "service.name": "routing-gateway",
    "service.node.name": "one",
    "tandem.tier": "routing",
    "event.outcome": "success",
    "event.duration": 12_500_000,
    "http.request.id": "abcdefghijklmnopqrstuvwxyz",
    "tandem.client_request_id": "my-7",
    "trace.id": traceId,
    "span.id": "aaaaaaaaaaaaaaaa",
    "tandem.sampled": true,
    "client.address": "203.0.113.9",
    "source.ip": "192.0.2.7",
    "source.port": 41000,
    "http.request.method": "GET",
    "url.domain": "api.example.test",
    "url.path": "/orders/7",
    "url.scheme": "https",
    "http.version": "1.1",
    "http.response.status_code": 200,
    "http.request.body.bytes": 0,
    "http.response.body.bytes": 1024,
    "user.id": "demo",
    "tandem.client": "demo-app",
    "tandem.authenticated_by": "jwt",
    "user_agent.original": "curl/8.5",
    "tls.version": "1.3",
    "tls.cipher": "TLS_AES_128_GCM_SHA256",
    "tls.next_protocol": "h2",
    "tls.client.server_name": "a.test",
    "tandem.route": "orders-read",
    "tandem.decision": "allow",
    "tandem.rule": "scopes",
    "tandem.first_byte_ms": 10.3,
    "tandem.phases_ms": {
      begin: 0.01,
      hygiene: 0.09,
      acceptAssertion: 1.15,
      matchRoute: 0.05,
      authorize: 0.1,
      proxy: 11.1,
    },
    "tandem.upstream_ms": 10,
    "tandem.attempts": [
      { target: "orders", instance: "orders-1", outcome: "refused", ms: 1 },
      { target: "orders", instance: "orders-2", outcome: "answered", status: 200, ms: 9 },
    ],
    "tandem.flags": ["connect-failed"],
  });
  logLine.parse(line);
});

test("all that a line is searched by stands before the field that ends it, for who reads no further", () => {
  const names = Object.keys(read(answeredRecord({ status: 503, error: "upstream.failed" })));
  const before = new Set(names.slice(0, names.indexOf(endOfSearched)));
  assert.deepEqual(
    searchedFields.filter((name) => !before.has(name)),
    [],
  );
});

test("a line names the connection that the request came by", () => {
  const peer = { address: "203.0.113.9", port: 1, connection: "abcd-1" };
  assert.equal(read(answeredRecord({ peer }))["tandem.connection.id"], "abcd-1");
});

test("a client that is the other end of its connection is named once", () => {
  const line = read(answeredRecord({ clientAddress: "192.0.2.7", peer: { address: "192.0.2.7", port: 41000 } }));
  assert.deepEqual(
    [line["client.address"], line["source.ip"], line["source.port"]],
    ["192.0.2.7", undefined, undefined],
  );
});

test("what is said of a connection is written once, and the same for each of its requests", () => {
  const peer = { address: "10.0.0.1", port: 1, tls };
  const first = answeredRecord({ peer, clientAddress: "10.0.0.1" });
  const second = answeredRecord({ peer, clientAddress: "203.0.113.9" });
  for (const [record, source] of [
    [first, undefined],
    [second, "10.0.0.1"],
  ] as const)
    assert.deepEqual([read(record)["source.ip"], read(record)["tls.version"]], [source, "1.3"]);
});

test("a record without flags or attempts has no such field", () => {
  const record = answeredRecord();
  record.attempts.length = 0;
  const line = read(record);
  for (const name of ["tandem.flags", "tandem.attempts", "tandem.upstream_ms"]) assert.equal(name in line, false);
});

test("an attempt says why it was made, which time ran out, and why no other followed", () => {
  const record = answeredRecord();
  Object.assign(record.attempts[0]!, { outcome: "timeout", expired: "try" });
  Object.assign(record.attempts[1]!, { reason: "retry", outcome: "reset", withheld: "budget" });
  const line = read(record);
  const [first, second] = line["tandem.attempts"];
  assert.deepEqual([first.reason, first.expired, first.withheld], [undefined, "try", undefined]);
  assert.deepEqual([second.reason, second.expired, second.withheld], ["retry", undefined, "budget"]);
  logLine.parse(line);
});

test("an attempt without an end counts to that of its request", () => {
  const record = answeredRecord({ duration: 20 });
  record.attempts.splice(0, 2, { target: "orders", instance: "a", spanId: "1111111111111111", startedAt: 5 });
  const line = read(record);
  assert.deepEqual([line["tandem.upstream_ms"], line["tandem.attempts"][0].ms], [15, undefined]);
});

for (const tunnelEnd of ["idle", "age", "drain", undefined] as const)
  test(`a WebSocket that ${tunnelEnd ? `we ended (${tunnelEnd})` : "its sides ended"} says so, and is no failure`, () => {
    const line = read(answeredRecord({ upgrade: "websocket", status: 101, tunnelEnd }));
    assert.deepEqual(
      [line["tandem.upgrade"], line["event.outcome"], line["log.level"]],
      ["websocket", "success", "info"],
    );
    assert.equal(line["tandem.tunnel_end"], tunnelEnd);
    assert.equal("tandem.tunnel_end" in line, tunnelEnd !== undefined);
    logLine.parse(line);
  });

test("a refusal tells operators what was missing, and the rules that came nearest", () => {
  const nearest = [{ rule: "orders/read", missed: ["scope orders:read", "hour 9 to 17"] }];
  const line = read(
    deniedRecord({ decision: { effect: "deny", rule: "policies", reason: "no rule", missing: ["a:b"], nearest } }),
  );
  const { "tandem.decision": decision, "tandem.rule": rule, "tandem.reason": reason } = line;
  assert.deepEqual([decision, rule, reason], ["deny", "policies", "no rule"]);
  assert.deepEqual([line["tandem.missing"], line["tandem.nearest"]], [["a:b"], nearest]);
  assert.deepEqual([line["event.outcome"], line["log.level"], line["tandem.flags"]], ["failure", "warn", ["denied"]]);
  logLine.parse(line);
});

test("a policy in shadow that would have decided otherwise is named", () => {
  const shadows = [{ policy: "guard", rule: "no", effect: "deny" as const }];
  const line = read(answeredRecord({ decision: { effect: "allow", rule: "anyone", reason: "open", shadows } }));
  assert.deepEqual(
    [line["tandem.rule"], line["tandem.reason"], line["tandem.shadows"]],
    ["anyone", undefined, shadows],
  );
  logLine.parse(line);
});

test("a request that the parser refused has its line", () => {
  const record = Object.assign(new RequestRecord(0), {
    id: "x",
    status: 400,
    error: "request.malformed",
    duration: 0.25,
  });
  assert.deepEqual(read(record), {
    "@timestamp": "1970-01-01T00:00:00.000Z",
    "log.level": "warn",
    message: "?  400 in 0.25 ms",
    "ecs.version": "8.17",
    "event.dataset": "tandem.request",
    "service.name": "routing-gateway",
    "service.node.name": "one",
    "tandem.tier": "routing",
    "event.outcome": "failure",
    "event.duration": 250_000,
    "http.request.id": "x",
    "http.response.status_code": 400,
    "http.request.body.bytes": 0,
    "http.response.body.bytes": 0,
    "tandem.flags": ["parser-refused", "malformed"],
    "error.code": "request.malformed",
  });
});

test("a method that nobody supports is a client's failure, and not an error of ours", () => {
  const line = read(answeredRecord({ status: 501, error: "request.method", method: "CONNECT" }));
  assert.deepEqual([line["log.level"], line["event.outcome"]], ["warn", "failure"]);
});

test("a client that left before the answer has no status", () => {
  const line = read(answeredRecord({ status: 0, ending: "client-left" }));
  assert.deepEqual([line["http.response.status_code"], line["tandem.ending"]], [undefined, "client-left"]);
  assert.equal(line.message, "GET /orders/7 client-left in 12.5 ms");
  logLine.parse(line);
});

test("the README lists every field that a line can have, and no other", () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const listed = [...readme.matchAll(/^\| `([@a-z_.]+)` +\|/gm)].map(([, name]) => name);
  assert.deepEqual(new Set(listed), new Set(Object.keys(requestLine.shape)));
});
