import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestRecord } from "@tandem/kernel/record";
import { answeredRecord, deniedRecord, epoch, traceId } from "../testing.ts";
import { spansOfRecord } from "./spans-of-record.ts";

let minted = 0;
const ids = { spanId: () => String(++minted).padStart(16, "0") };
const named = (record: RequestRecord, name: string) => {
  const span = spansOfRecord(record, ids).find((candidate) => candidate.name === name);
  assert.ok(span, `no span ${name}`);
  return span;
};

test("the tier's own span says what a person asks of a request", () => {
  assert.deepEqual(spansOfRecord(answeredRecord(), ids)[0], {
    traceId,
    spanId: "aaaaaaaaaaaaaaaa",
    parentSpanId: "eeeeeeeeeeeeeeee",
    remoteParent: true,
    flags: 3,
    kind: "server",
    name: "GET orders-read",
    startedAt: epoch,
    duration: 12.5,
    attributes: {
      "tandem.request_id": "abcdefghijklmnopqrstuvwxyz",
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "url.path": "/orders/7",
      "url.scheme": "http",
      "server.address": "api.example.test",
      "server.port": 80,
      "http.route": "/orders/**",
      "client.address": "203.0.113.9",
      "network.protocol.version": "1.1",
      "user_agent.original": "curl/8.5",
      "network.peer.address": "192.0.2.7",
      "network.peer.port": 41000,
      "tandem.principal": "demo",
      "tandem.client": "demo-app",
      "tandem.authenticated_by": "jwt",
      "tandem.route": "orders-read",
      "tandem.decision": "allow",
      "tandem.rule": "scopes",
      "tandem.reason": "the caller holds orders:read",
    },
  });
});

test("the tier's own span says what policies in shadow would have decided", () => {
  const shadows = [
    { policy: "guard", rule: "no", effect: "deny" as const },
    { policy: "clerks", rule: "default", effect: "deny" as const },
  ];
  const record = answeredRecord({
    decision: { effect: "allow", rule: "clerks/own", reason: "a rule allows it", shadows },
  });
  const { attributes } = named(record, "GET orders-read");
  assert.deepEqual(
    [attributes["tandem.rule"], attributes["tandem.shadow"]],
    ["clerks/own", "deny guard/no, deny clerks/default"],
  );
});

test("each attempt is a span under the id that its instance was told", () => {
  const [first, second] = spansOfRecord(answeredRecord(), ids).filter(({ kind }) => kind === "client");
  assert.deepEqual(first, {
    traceId,
    spanId: "1111111111111111",
    parentSpanId: "aaaaaaaaaaaaaaaa",
    flags: 3,
    kind: "client",
    name: "GET orders",
    startedAt: epoch + 1.5,
    duration: 1,
    failure: "refused",
    attributes: {
      "http.request.method": "GET",
      "peer.service": "orders",
      "tandem.instance": "orders-1",
      "tandem.outcome": "refused",
      "error.type": "refused",
    },
  });
  assert.deepEqual([second?.spanId, second?.startedAt, second?.duration], ["2222222222222222", epoch + 2.75, 9]);
  assert.equal(second?.failure, undefined);
  assert.equal(second?.attributes["http.request.resend_count"], 1);
  assert.equal(second?.attributes["http.response.status_code"], 200);
  assert.equal(second?.attributes["tandem.first_byte_ms"], 7.5);
});

test("an attempt tells why it was made, which time ran out, and why no other followed", () => {
  const record = answeredRecord();
  Object.assign(record.attempts[1]!, { reason: "hedge", outcome: "timeout", expired: "total", withheld: "deadline" });
  const span = spansOfRecord(record, ids).findLast(({ kind }) => kind === "client");
  const { "tandem.attempt": reason, "tandem.expired": expired, "tandem.withheld": withheld } = span?.attributes ?? {};
  assert.deepEqual([reason, expired, withheld], ["hedge", "total", "deadline"]);
});

test("phases are shown where they decide or take long, and the last is told by its attempts", () => {
  const phases = spansOfRecord(answeredRecord(), ids).filter(({ kind }) => kind === "internal");
  const shown = phases.map(({ name, startedAt, duration, parentSpanId }) => [
    name,
    Math.round((startedAt - epoch) * 1000) / 1000,
    Math.round(duration * 1000) / 1000,
    parentSpanId,
  ]);
  assert.deepEqual(shown, [
    ["acceptAssertion", 0.1, 1.15, "aaaaaaaaaaaaaaaa"],
    ["authorize", 1.3, 0.1, "aaaaaaaaaaaaaaaa"],
  ]);
});

test("a phase that took long is shown whatever its name", () => {
  const record = answeredRecord();
  record.phaseTimes[3] = 0.2;
  assert.ok(named(record, "matchRoute").duration > 1);
});

test("the phase that refused is shown and says why, and a refused client is no failure", () => {
  const refusing = named(deniedRecord(), "authorize");
  assert.equal(refusing.attributes["tandem.problem"], "access.denied");
  assert.equal(refusing.failure, undefined);
  const server = named(deniedRecord(), "GET orders-read");
  assert.deepEqual([server.failure, server.attributes["error.type"]], [undefined, undefined]);
  assert.equal(server.attributes["tandem.problem"], "access.denied");
});

test("a failure of ours fails the span and the phase", () => {
  const record = deniedRecord({ status: 503, error: "upstream.no-instance" });
  assert.equal(named(record, "GET orders-read").failure, "upstream.no-instance");
  assert.equal(named(record, "GET orders-read").attributes["error.type"], "upstream.no-instance");
  assert.equal(named(record, "authorize").failure, "upstream.no-instance");
});

test("a stranger's context is a link", () => {
  const link = { traceId: "9".repeat(32), spanId: "8".repeat(16) };
  const trace = { traceId, spanId: "aaaaaaaaaaaaaaaa", sampled: false, random: true, link, state: "foo=1" };
  const [server] = spansOfRecord(answeredRecord({ trace }), ids);
  assert.deepEqual([server?.link, server?.flags, server?.state], [link, 2, "foo=1"]);
  assert.equal(server?.parentSpanId, undefined);
});

test("a request that the parser refused has a span all the same", () => {
  const trace = { traceId, spanId: "aaaaaaaaaaaaaaaa", sampled: true, random: true };
  const record = Object.assign(new RequestRecord(epoch), { id: "x", trace, status: 400, error: "request.malformed" });
  const [server, ...rest] = spansOfRecord(record, ids);
  assert.deepEqual([server?.name, rest.length], ["HTTP", 0]);
  assert.equal(server?.attributes["tandem.problem"], "request.malformed");
});

test("without a trace there are no spans", () => {
  assert.deepEqual(spansOfRecord(new RequestRecord(), ids), []);
});

test("a method of a client's own invention stays out of names", () => {
  const span = named(answeredRecord({ method: "BREW", route: undefined }), "HTTP");
  assert.equal(span.attributes["http.request.method"], "_OTHER");
  assert.equal(span.attributes["http.request.method_original"], "BREW");
});

test("what a client sends is bounded, and a query or a header never appears", () => {
  const record = answeredRecord({ userAgent: "a".repeat(9000), path: `/${"b".repeat(9000)}` });
  const text = JSON.stringify(spansOfRecord(record, ids));
  assert.ok(text.length < 5000, String(text.length));
  assert.doesNotMatch(text, /hunter2/);
});

for (const tunnelEnd of ["idle", "age", "drain", undefined] as const)
  test(`a WebSocket that ${tunnelEnd ? `we ended (${tunnelEnd})` : "its sides ended"} says so, and is no failure`, () => {
    const [server] = spansOfRecord(answeredRecord({ upgrade: "websocket", status: 101, tunnelEnd }), ids);
    assert.ok(server);
    assert.deepEqual([server.attributes["tandem.upgrade"], server.failure], ["websocket", undefined]);
    assert.equal(server.attributes["tandem.tunnel_end"], tunnelEnd);
    assert.equal("tandem.tunnel_end" in server.attributes, tunnelEnd !== undefined);
  });

test("a client that left is said to have left", () => {
  const [server] = spansOfRecord(answeredRecord({ ending: "client-left", status: 0 }), ids);
  assert.equal(server?.attributes["tandem.ending"], "client-left");
  assert.equal(server?.attributes["http.response.status_code"], undefined);
});

test("an attempt that never ended ends with its request", () => {
  const record = answeredRecord();
  delete record.attempts[1]!.endedAt;
  assert.equal(spansOfRecord(record, ids).at(-1)?.duration, 12.5 - 2.75);
});

const outcomes = [
  { name: "a timeout fails the attempt", given: { outcome: "timeout" }, expected: "timeout" },
  { name: "a client that left does not", given: { outcome: "aborted" }, expected: undefined },
  {
    name: "an answer of 404 does, for the one who asked",
    given: { outcome: "answered", status: 404 },
    expected: "404",
  },
  { name: "an answer of 204 does not", given: { outcome: "answered", status: 204 }, expected: undefined },
] as const;
for (const { name, given, expected } of outcomes) {
  test(name, () => {
    const record = answeredRecord();
    Object.assign(record.attempts[1]!, given);
    assert.equal(spansOfRecord(record, ids).at(-1)?.failure, expected);
  });
}

test("an attempt says where it went, as the stages rewrote it, and without a query", () => {
  const record = answeredRecord({ sentTarget: "/v2/orders/7?token=hunter2" });
  Object.assign(record.attempts[1]!, { origin: "https://10.0.0.7:8443" });
  const { attributes } = spansOfRecord(record, ids).find(
    ({ attributes: { "tandem.instance": at } }) => at === "orders-2",
  )!;
  assert.deepEqual(
    ["server.address", "server.port", "url.full"].map((name) => attributes[name]),
    ["10.0.0.7", 8443, "https://10.0.0.7:8443/v2/orders/7"],
  );
  assert.doesNotMatch(JSON.stringify(spansOfRecord(record, ids)), /hunter2/);
});

for (const [origin, address, port] of [
  ["http://10.0.0.7:8080", "10.0.0.7", 8080],
  ["http://orders.test", "orders.test", 80],
  ["https://orders.test", "orders.test", 443],
  ["https://[::1]:8443", "[::1]", 8443],
  ["http://[::1]", "[::1]", 80],
] as const)
  test(`an attempt at ${origin} tells host and port`, () => {
    const record = answeredRecord();
    Object.assign(record.attempts[1]!, { origin });
    const { attributes } = spansOfRecord(record, ids).at(-1)!;
    assert.deepEqual([attributes["server.address"], attributes["server.port"]], [address, port]);
  });

test("a failure says what went wrong, without a secret, and an answer broken off is one", () => {
  const cause = new Error("GET /x?token=hunter2 failed: authorization: Bearer abc.def.ghi");
  const failed = spansOfRecord(
    answeredRecord({ status: 502, error: "upstream.failed", cause, flags: ["upstream-reset"] }),
    ids,
  )[0]!;
  assert.deepEqual([failed.failure, failed.attributes["tandem.flags"]], ["upstream.failed", "upstream-reset"]);
  assert.match(String(failed.attributes["tandem.cause"]), /GET \/x\?\[query\] failed/);
  assert.doesNotMatch(JSON.stringify(failed), /hunter2|abc\.def/);
  const broken = spansOfRecord(answeredRecord({ ending: "broken-off", error: "upstream.timeout" }), ids)[0]!;
  assert.deepEqual([broken.failure, broken.attributes["error.type"]], ["upstream.timeout", "upstream.timeout"]);
  const left = spansOfRecord(answeredRecord({ ending: "client-left" }), ids)[0]!;
  assert.deepEqual([left.failure, left.attributes["error.type"]], [undefined, undefined]);
});

test("a method that nobody knows is none in an attempt either", () => {
  const spans = spansOfRecord(answeredRecord({ method: "BREW" }), ids);
  assert.deepEqual(
    new Set(spans.filter(({ kind }) => kind !== "internal").map(({ attributes }) => attributes["http.request.method"])),
    new Set(["_OTHER"]),
  );
});
