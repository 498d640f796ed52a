import assert from "node:assert/strict";
import { test } from "node:test";
import { normaliseHost, type HostRefusal } from "./normalise-host.ts";

const long = "a".repeat(63);

const accepted: { raw: string; host: string; port?: number; scheme?: "http" | "https"; text: string }[] = [
  { raw: "example.test", host: "example.test", text: "example.test" },
  { raw: "API.Example.Test", host: "api.example.test", text: "api.example.test" },
  { raw: "example.test.", host: "example.test", text: "example.test" },
  { raw: "example.test.:8443", host: "example.test", port: 8443, text: "example.test:8443" },
  { raw: "localhost:8443", host: "localhost", port: 8443, text: "localhost:8443" },
  { raw: "example.test:443", host: "example.test", scheme: "https", text: "example.test" },
  { raw: "example.test:80", host: "example.test", scheme: "https", port: 80, text: "example.test:80" },
  { raw: "example.test:80", host: "example.test", text: "example.test" },
  { raw: "routing_gateway", host: "routing_gateway", text: "routing_gateway" },
  { raw: "127.0.0.1:65535", host: "127.0.0.1", port: 65535, text: "127.0.0.1:65535" },
  { raw: "[::1]", host: "[::1]", text: "[::1]" },
  { raw: "[2001:DB8:0::1]:8080", host: "[2001:db8::1]", port: 8080, text: "[2001:db8::1]:8080" },
  { raw: `${long}.test`, host: `${long}.test`, text: `${long}.test` },
  { raw: "3com.test", host: "3com.test", text: "3com.test" },
];

for (const { raw, host, port, scheme = "http", text } of accepted) {
  test(`${raw} over ${scheme} is ${text}`, () => assert.deepEqual(normaliseHost(raw, scheme), { host, port, text }));
}

const refused: { reason: HostRefusal; hosts: string[] }[] = [
  { reason: "empty", hosts: ["", ":80", "."] },
  {
    reason: "character",
    hosts: ["user@example.test", "a b", " a", "a\t", "a/b", "a\\b", "a?b", "a#b", "a,b", "a%2eb", "b\u00fccher.test"],
  },
  { reason: "character", hosts: ["\u212aelvin.test", "a\0", "a;b", "<a>", "a'b", "*.test"] },
  { reason: "label", hosts: ["a..b", ".a", "a..", `${long}a.test`, `a.${long}a`, `${`${long}.`.repeat(4)}a`] },
  {
    reason: "address",
    hosts: ["127.1", "2130706433", "0x7f.1", "0x7f000001", "256.1.1.1", "1.2.3.4.5", "127.0.0.01", "a.0x1"],
  },
  {
    reason: "literal",
    hosts: ["[", "[]", "[::1", "[::1]a", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[127.0.0.1]", "[v1.a]"],
  },
  {
    reason: "port",
    hosts: ["a:", "a:0", "a:65536", "a:080", "a:+80", "a:8o", "a:80:80", "::1", "a:123456", "[::1]:", "a:80 "],
  },
];

for (const { reason, hosts } of refused) {
  for (const raw of hosts) {
    test(`the host ${JSON.stringify(raw)} is refused: ${reason}`, () =>
      assert.equal(normaliseHost(raw, "http"), reason));
  }
}

test("a normal form is its own normal form", () => {
  for (const { raw, scheme = "http" } of accepted) {
    const once = normaliseHost(raw, scheme);
    assert.ok(typeof once !== "string");
    assert.deepEqual(normaliseHost(once.text, scheme), once);
  }
});
