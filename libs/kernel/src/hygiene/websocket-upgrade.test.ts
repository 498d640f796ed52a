import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf, rawRequest } from "../testing.ts";
import { hygiene } from "./stage.ts";

const handshake: Record<string, string | undefined> = {
  Host: "example.test",
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
};

interface Case {
  readonly name: string;
  readonly start?: string;
  /** In place of a line of the handshake, or undefined to leave it out. */
  readonly change?: Record<string, string | undefined>;
  /** Lines behind the handshake. */
  readonly more?: readonly string[];
  readonly body?: string;
  readonly detail?: RegExp;
}

const bytesOf = ({ start = "GET /chat HTTP/1.1", change = {}, more = [], body = "" }: Case): string => {
  const lines = Object.entries({ ...handshake, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${[start, ...lines, ...more].join("\r\n")}\r\n\r\n${body}`;
};

const passing: Case[] = [
  { name: "a whole handshake" },
  { name: "a handshake in other letters", change: { Upgrade: "WebSocket", Connection: "keep-alive, upgrade" } },
  { name: "a handshake that says it has no body", more: ["Content-Length: 0"] },
];

for (const each of passing) {
  test(`${each.name} passes, without what belongs to the connection`, async (t) => {
    const text = await rawRequest(t, [hygiene({ from: "strangers" })], bytesOf(each));
    assert.match(text, /^HTTP\/1\.1 200 [^]*"path":"\/chat"[^]*"sec-websocket-key"/);
    assert.doesNotMatch(text.slice(text.indexOf("\r\n\r\n")), /"connection"|"upgrade"/);
  });
}

const refused: Case[] = [
  {
    name: "an upgrade to h2c",
    change: { Upgrade: "h2c", Connection: "Upgrade, HTTP2-Settings" },
    more: ["HTTP2-Settings: AAMAAABkAAQAAP__"],
  },
  { name: "an upgrade to TLS", change: { Upgrade: "TLS/1.0" } },
  { name: "an upgrade to one of several", change: { Upgrade: "websocket, h2c" } },
  { name: "an upgrade in two lines", more: ["Upgrade: h2c"], detail: /twice/ },
  { name: "an upgrade to nothing", change: { Upgrade: "", Connection: "Upgrade, close" } },
  { name: "an upgrade that Connection does not name", change: { Connection: "close" }, detail: /Connection/ },
  { name: "an upgrade by POST", start: "POST /chat HTTP/1.1", detail: /GET/ },
  { name: "an upgrade of HTTP/1.0", start: "GET /chat HTTP/1.0", detail: /HTTP\/1\.1/ },
  { name: "an upgrade with a body", more: ["Content-Length: 5", "Connection: close"], body: "hello", detail: /body/ },
  { name: "an upgrade with a chunked body", more: ["Transfer-Encoding: chunked"], body: "0\r\n\r\n", detail: /body/ },
  { name: "a handshake without a key", change: { "Sec-WebSocket-Key": undefined }, detail: /Key/ },
  { name: "a handshake with a short key", change: { "Sec-WebSocket-Key": "dGhl" }, detail: /Key/ },
  { name: "a handshake without a version", change: { "Sec-WebSocket-Version": undefined }, detail: /Version/ },
  { name: "a handshake of an old version", change: { "Sec-WebSocket-Version": "8" }, detail: /Version/ },
];

for (const each of refused) {
  test(`${each.name} is refused`, async (t) => {
    const text = await rawRequest(t, [hygiene({ from: "strangers" })], bytesOf(each));
    assert.match(text, /^HTTP\/1\.1 400 [^]*urn:tandem:problem:request\.upgrade/);
    assert.match(text, each.detail ?? /./);
    assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1);
  });
}

test("a client of another version is told which one is spoken", async (t) => {
  const old = bytesOf({ name: "", change: { "Sec-WebSocket-Version": "8" } });
  assert.match(await rawRequest(t, [hygiene({ from: "strangers" })], old), /sec-websocket-version: 13\r\n/);
});

test("an absolute target cannot lead an upgrade elsewhere", async (t) => {
  const elsewhere = bytesOf({ name: "", start: "GET http://169.254.169.254/latest HTTP/1.1" });
  assert.match(await rawRequest(t, [hygiene({ from: "strangers" })], elsewhere), /urn:tandem:problem:request\.path/);
});

test("a dry run is held to the Connection header too", () => {
  const lines = Object.entries(handshake).filter(([name]) => name !== "Connection");
  const rawHeaders = lines.flatMap(([name, value]) => [name, value ?? ""]);
  const { exchange } = exchangeOf({ upgrade: "websocket", rawHeaders });
  assert.throws(() => hygiene({ from: "strangers" }).run(exchange), { code: "request.upgrade" });
});
