import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { checkBody } from "@tandem/kernel/admin/check-body";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { dryRequestOf } from "./dry-request.ts";
import { routingQuestion, securityQuestion } from "./question.ts";

const url = "https://api.test:8443/a/../%2e%2E//b?x=1%20";
const viewOf = (question: object) => dryRequestOf(checkBody(securityQuestion, question)).view;

test("a request is made as it would go on the wire, for either protocol", () => {
  const one = viewOf({
    url,
    headers: [
      ["X-A", " 1 "],
      ["x-a", "2"],
    ],
    address: "192.0.2.7",
  });
  assert.deepEqual([one.method, one.target, one.protocol], ["GET", "/a/../%2e%2E//b?x=1%20", "1.1"]);
  assert.deepEqual(one.rawHeaders, ["Host", "api.test:8443", "X-A", "1", "x-a", "2"]);
  assert.deepEqual(one.peer, {
    address: "192.0.2.7",
    port: 0,
    tls: { version: "TLSv1.3", cipher: "", alpn: "http/1.1", sni: "api.test" },
  });
  const two = viewOf({ url: "http://api.test?x", protocol: "2", method: "PUT", headers: { "X-A": ["1", "2"] } });
  const pseudo = [":method", "PUT", ":scheme", "http", ":authority", "api.test", ":path", "/?x"];
  assert.deepEqual(two.rawHeaders, [...pseudo, "x-a", "1", "x-a", "2"]);
  assert.deepEqual([two.scheme, two.peer.tls], ["http", undefined]);
});

test("a body is framed where nobody says how, announced where it is not given, and none on an upgrade", async () => {
  const whole = viewOf({ url, method: "POST", body: "grüß" });
  assert.deepEqual(whole.rawHeaders.slice(2), ["Content-Length", "6"]);
  assert.equal(await text(whole.body!), "grüß");
  const { given } = dryRequestOf(checkBody(securityQuestion, { url, body: { base64: "AAH/" } }));
  assert.deepEqual(given.content, Buffer.from([0, 1, 255]));
  assert.notEqual(viewOf({ url, headers: { "content-length": "7" } }).body, undefined);
  assert.notEqual(viewOf({ url, headers: { "transfer-encoding": "chunked" } }).body, undefined);
  assert.equal(viewOf({ url, headers: { "content-length": "0" } }).body, undefined);
  const upgrade = viewOf({
    url,
    headers: { connection: "keep-alive, Upgrade", upgrade: "WebSocket", "content-length": "1" },
  });
  assert.deepEqual([upgrade.upgrade, upgrade.body], ["websocket", undefined]);
  assert.equal(viewOf({ url, headers: { upgrade: "websocket" } }).upgrade, undefined);
});

test("a client certificate is taken for verified", () => {
  const { certificate } = issueCertificate(createAuthority("a"), { name: "client", usage: "client" });
  const { tls } = viewOf({ url, tls: { certificate } }).peer;
  assert.match(tls?.certificate ?? "", /^[\w-]{43}$/);
  assert.ok(tls?.says?.names);
});

const principal = { subject: "me" };
const refused: { name: string; question: object; says: RegExp }[] = [
  { name: "no url", question: {}, says: /^url: missing/ },
  { name: "an unknown key", question: { url, metod: "GET" }, says: /metod: .*did you mean method/ },
  { name: "a path alone", question: { url: "/orders" }, says: /^url: / },
  { name: "a fragment", question: { url: `${url}#x` }, says: /^url: / },
  { name: "a blank in the path", question: { url: "https://a/b c" }, says: /^url: / },
  { name: "a method in small letters", question: { url, method: "get" }, says: /^method: / },
  { name: "a method that HTTP/1 does not know", question: { url, method: "FETCH" }, says: /no such method/ },
  { name: "a line break in a header", question: { url, headers: [["a", "b\r\nc: d"]] }, says: /headers/ },
  { name: "a name that is none", question: { url, headers: { "a b": "c" } }, says: /headers/ },
  { name: "another version", question: { url, protocol: "3" }, says: /^protocol: / },
  { name: "no address", question: { url, address: "here" }, says: /^address: .*IP/ },
  { name: "TLS without TLS", question: { url: "http://a/", tls: {} }, says: /^tls: / },
  { name: "no certificate", question: { url, tls: { certificate: "x" } }, says: /PEM/ },
  {
    name: "a body of another length",
    question: { url, body: "abc", headers: { "Content-Length": "2" } },
    says: /3 bytes, and Content-Length says 2/,
  },
  { name: "a body that is too long", question: { url, body: "x".repeat(131_073) }, says: /longer than 131072/ },
  { name: "a caller without a name", question: { url, as: { scopes: [] } }, says: /^as\.subject: missing/ },
  {
    name: "a caller of an unknown method",
    question: { url, as: { ...principal, method: "trust" } },
    says: /^as\.method: /,
  },
  {
    name: "what only the routing tier is told",
    question: { url, vouched: { principal, clientAddress: "::1" } },
    says: /^vouched: /,
  },
];
for (const { name, question, says } of refused)
  test(`${name} is refused, and told in words`, () => {
    const refusal = (error: unknown): boolean => {
      assert.ok(error instanceof GatewayError && error.code === "request.malformed", String(error));
      assert.match(error.detail ?? "", says);
      return true;
    };
    assert.throws(() => viewOf(question), refusal);
  });

test("the routing tier is told who calls, and never judges credentials", () => {
  const vouched = { principal, clientAddress: "192.0.2.1" };
  const { given } = dryRequestOf(checkBody(routingQuestion, { url, vouched }));
  assert.deepEqual(given.vouched, {
    principal: { subject: "me", scopes: [], roles: [], method: "jwt" },
    clientAddress: "192.0.2.1",
    scheme: "https",
  });
  assert.throws(() => checkBody(routingQuestion, { url, as: principal }), { code: "request.malformed" });
});
