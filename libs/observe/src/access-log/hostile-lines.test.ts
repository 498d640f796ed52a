import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestRecord } from "@tandem/kernel/record";
import { logLine } from "../log-schema/log-schema.ts";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { createAccessLine } from "./access-line.ts";

const lineOf = createAccessLine({ tier: "routing", service: "routing-gateway", instance: "one" });
const read = (record: RequestRecord): any => JSON.parse(lineOf(record));

const tls = { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", alpn: "h2", sni: "a.test" };

test("what hygiene refused is shown as it was sent, up to the query and without a password", () => {
  const record = answeredRecord({ path: "", target: "http://me:hunter2@a/%2e%2e/x?token=hunter2" });
  assert.deepEqual([read(record)["url.path"], read(record)["url.original"]], [undefined, "http://a/%2e%2e/x"]);
  assert.doesNotMatch(lineOf(record), /hunter2/);
});

const shown = [
  { target: "me:hunter2@a:443", as: "a:443" },
  { target: "http://me:hunter2/hunter2@a/x", as: "http://a/x" },
  { target: "//me:hunter2@a/%2fx", as: "//a/%2fx" },
  { target: "/to/http://me:hunter2@a//b:hunter2@c/%2fx", as: "/to/http://a//c/%2fx" },
  { target: "/%2f/@me", as: "/%2f/@me" },
];
for (const { target, as } of shown)
  test(`no user and password is shown of ${target}`, () => {
    const line = read(answeredRecord({ path: "", target }));
    assert.equal(line["url.original"], as);
    assert.doesNotMatch(line.message, /hunter2/);
  });

test("a failure of ours tells operators why, and no secret", () => {
  const root = Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:80"), { code: "ECONNREFUSED" });
  const cause = new Error("GET http://me:hunter2@orders/x?key=hunter2 with Bearer hunter2hunter2 failed", {
    cause: root,
  });
  const record = answeredRecord({ status: 502, error: "upstream.refused", cause });
  const line = read(record);
  assert.deepEqual([line["log.level"], line["error.code"]], ["error", "upstream.refused"]);
  assert.match(line["error.message"], /^GET .* failed <- connect ECONNREFUSED 10\.0\.0\.7:80 \(ECONNREFUSED\)$/);
  assert.doesNotMatch(lineOf(record), /hunter2/);
  assert.equal(line["error.stack_trace"], undefined);
  logLine.parse(line);
});

test("the several errors of one cause are all told", () => {
  const cause = new AggregateError([new Error("one is down"), new Error("two is down")], "nobody answers");
  const line = read(answeredRecord({ status: 502, cause }));
  assert.equal(line["error.message"], "nobody answers [one is down; two is down]");
});

test("a bug of ours comes with its stack", () => {
  const line = read(answeredRecord({ status: 500, error: "server.error", cause: new TypeError("x is undefined") }));
  assert.match(line["error.stack_trace"], /x is undefined\n/);
});

test("a refused client is not told why in the log either", () => {
  assert.equal(read(deniedRecord({ cause: new Error("secret reason") }))["error.message"], undefined);
});

const hostile = [
  { name: "a line break", text: 'a\r\n{"event.dataset":"tandem.request"}' },
  { name: "quotes", text: '","http.response.status_code":200,"x":"' },
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
      peer: { address: text, port: 1, tls: { version: text, cipher: text, alpn: text, sni: text } },
    };
    const record = answeredRecord({ ...given, principal, status: 502, cause: new Error(text) });
    const line = lineOf(record);
    // oxlint-disable-next-line no-control-regex -- these are what must not be shown
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    const read = JSON.parse(line);
    const expected = text.toWellFormed() === text ? text : read["user_agent.original"];
    for (const name of ["user_agent.original", "url.path", "user.id", "http.request.method", "tls.client.server_name"])
      assert.equal(read[name], expected, name);
    assert.equal(read["http.response.status_code"], 502);
    assert.ok(read["error.message"].length > 0);
  });
}

test("no client makes a line long", () => {
  const long = "\u0001".repeat(20_000);
  const peer = { address: "192.0.2.7", port: 1, tls: { ...tls, sni: long } };
  const given = { userAgent: long, path: `/${long}`, host: long, method: long, clientRequestId: long, peer };
  assert.ok(lineOf(answeredRecord(given)).length < 30_000);
});
