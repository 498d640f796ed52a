import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RequestRecord } from "@tandem/kernel/record";
import { answeredRecord, deniedRecord, traceId } from "../testing.ts";
import { createAccessLine } from "./access-line.ts";

const lineOf = createAccessLine("routing");
const read = (record: RequestRecord): any => JSON.parse(lineOf(record));

test("a line says all that happened, in types", () => {
  assert.deepEqual(read(answeredRecord({ clientRequestId: "my-7" })), {
    time: "2023-11-14T22:13:20.123Z",
    level: "info",
    kind: "access",
    tier: "routing",
    requestId: "abcdefghijklmnopqrstuvwxyz",
    clientRequestId: "my-7",
    traceId,
    spanId: "aaaaaaaaaaaaaaaa",
    sampled: true,
    client: "203.0.113.9",
    method: "GET",
    host: "api.example.test",
    path: "/orders/7",
    protocol: "1.1",
    status: 200,
    ms: 12.5,
    firstByteMs: 10.3,
    phases: { begin: 0.01, hygiene: 0.09, acceptAssertion: 1.15, matchRoute: 0.05, authorize: 0.1, proxy: 11.1 },
    bytesIn: 0,
    bytesOut: 1024,
    principal: { subject: "demo", client: "demo-app", method: "jwt" },
    route: "orders-read",
    decision: { effect: "allow", rule: "scopes" },
    attempts: [
      { target: "orders", instance: "orders-1", outcome: "refused", ms: 1 },
      { target: "orders", instance: "orders-2", outcome: "answered", status: 200, ms: 9 },
    ],
    userAgent: "curl/8.5",
  });
});

test("an attempt says why it was made, which time ran out, and why no other followed", () => {
  const record = answeredRecord();
  Object.assign(record.attempts[0]!, { outcome: "timeout", expired: "try" });
  Object.assign(record.attempts[1]!, { reason: "retry", outcome: "reset", withheld: "budget" });
  const [first, second] = read(record).attempts;
  assert.deepEqual([first.reason, first.expired, first.withheld], [undefined, "try", undefined]);
  assert.deepEqual([second.reason, second.expired, second.withheld], ["retry", undefined, "budget"]);
});

for (const tunnelEnd of ["idle", "age", "drain", undefined] as const)
  test(`a WebSocket that ${tunnelEnd ? `we ended (${tunnelEnd})` : "its sides ended"} says so, and is no failure`, () => {
    const line = read(answeredRecord({ upgrade: "websocket", status: 101, tunnelEnd }));
    assert.deepEqual([line.upgrade, line.status, line.level, line.error], ["websocket", 101, "info", undefined]);
    assert.equal(line.tunnelEnd, tunnelEnd);
    assert.equal("tunnelEnd" in line, tunnelEnd !== undefined);
  });

test("a refusal says its code and who decided", () => {
  const { level, error, decision, attempts } = read(deniedRecord());
  assert.deepEqual([level, error, attempts], ["info", "access.denied", undefined]);
  assert.deepEqual(decision, { effect: "deny", rule: "scopes" });
});

test("a refusal by policies names the rules that came nearest, and what each missed", () => {
  const nearest = [{ rule: "clerks/all", missed: ['when: a == "b"'] }];
  const { decision } = read(
    deniedRecord({ decision: { effect: "deny", rule: "policies", reason: "no rule", nearest } }),
  );
  assert.deepEqual(decision, { effect: "deny", rule: "policies", nearest });
});

test("a policy in shadow that would have decided otherwise is named", () => {
  const shadows = [{ policy: "guard", rule: "no", effect: "deny" as const }];
  const { decision } = read(answeredRecord({ decision: { effect: "allow", rule: "anyone", reason: "open", shadows } }));
  assert.deepEqual(decision, { effect: "allow", rule: "anyone", shadows });
});

test("a request that the parser refused has its line", () => {
  const record = Object.assign(new RequestRecord(0), {
    id: "x",
    status: 400,
    error: "request.malformed",
    duration: 0.25,
  });
  assert.deepEqual(read(record), {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    kind: "access",
    tier: "routing",
    requestId: "x",
    status: 400,
    ms: 0.25,
    bytesIn: 0,
    bytesOut: 0,
    error: "request.malformed",
  });
});

test("what hygiene refused is shown as it was sent, up to the query and without a password", () => {
  const record = answeredRecord({ path: "", target: "http://me:hunter2@a/%2e%2e/x?token=hunter2" });
  assert.deepEqual([read(record).path, read(record).target], [undefined, "http://a/%2e%2e/x"]);
  assert.doesNotMatch(lineOf(record), /hunter2/);
});

test("a client that left before the answer has no status", () => {
  const { status, ending } = read(answeredRecord({ status: 0, ending: "client-left" }));
  assert.deepEqual([status, ending], [undefined, "client-left"]);
});

test("a failure of ours tells operators why, and no secret", () => {
  const root = Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:80"), { code: "ECONNREFUSED" });
  const cause = new Error("GET http://me:hunter2@orders/x?key=hunter2 with Bearer hunter2hunter2 failed", {
    cause: root,
  });
  const record = answeredRecord({ status: 502, error: "upstream.refused", cause });
  const line = read(record);
  assert.deepEqual([line.level, line.error], ["error", "upstream.refused"]);
  assert.equal(line.cause.cause.code, "ECONNREFUSED");
  assert.doesNotMatch(lineOf(record), /hunter2/);
  assert.equal(line.cause.stack, undefined);
});

test("a bug of ours comes with its stack", () => {
  const { cause } = read(
    answeredRecord({ status: 500, error: "server.error", cause: new TypeError("x is undefined") }),
  );
  assert.match(cause.stack, /x is undefined\n/);
});

test("a refused client is not told why in the log either", () => {
  assert.equal(read(deniedRecord({ cause: new Error("secret reason") })).cause, undefined);
});

const hostile = [
  { name: "a line break", text: 'a\r\n{"kind":"access"}' },
  { name: "quotes", text: '","status":200,"x":"' },
  { name: "a backslash at the end", text: "a\\" },
  { name: "an escape sequence", text: "\u001b[2J\u009b31m" },
  { name: "text that turns around", text: "a\u202eb\u2066c" },
  { name: "separators that JavaScript takes for line breaks", text: "a\u2028b\u2029c" },
  { name: "half a character", text: "a\ud800b" },
  { name: "bytes beyond ASCII", text: "caf\u00e9 \u00ff" },
];
for (const { name, text } of hostile) {
  test(`${name} stays inside its value`, () => {
    const principal = { subject: text, client: text, scopes: [], roles: [], method: "jwt" } as const;
    const given = {
      userAgent: text,
      path: text,
      host: text,
      method: text,
      clientAddress: text,
      upgrade: text,
      id: text,
    };
    const record = answeredRecord({ ...given, principal, status: 502, cause: new Error(text) });
    const line = lineOf(record);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    const { userAgent, status, path, principal: shown, cause } = JSON.parse(line);
    const expected = text.toWellFormed() === text ? text : userAgent;
    assert.deepEqual([userAgent, path, shown.subject, status], [expected, expected, expected, 502]);
    assert.ok(cause.message.length > 0);
  });
}

test("no client makes a line long", () => {
  const long = "\u0001".repeat(20_000);
  const given = { userAgent: long, path: `/${long}`, host: long, method: long, clientRequestId: long };
  assert.ok(lineOf(answeredRecord(given)).length < 20_000);
});

test("the README lists every field that a line can have, and no other", () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const listed = [...readme.matchAll(/^\| `([a-zA-Z]+)` +\|/gm)].map(([, name]) => name);
  const all = [
    read(
      answeredRecord({
        clientRequestId: "my-7",
        upgrade: "websocket",
        tunnelEnd: "age",
        ending: "broken-off",
        status: 502,
        error: "upstream.failed",
        cause: "x",
      }),
    ),
    read(answeredRecord({ path: "" })),
  ];
  const seen = new Set(all.flatMap((line) => Object.keys(line)));
  assert.deepEqual(new Set(listed), seen);
});
