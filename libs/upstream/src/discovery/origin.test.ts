import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf, parseOrigin } from "./origin.ts";

const accepted = [
  { text: "http://127.0.0.1:7101", origin: "http://127.0.0.1:7101" },
  { text: "https://orders.internal:8443/", origin: "https://orders.internal:8443" },
  { text: "http://orders", origin: "http://orders:80" },
  { text: "https://orders", origin: "https://orders:443" },
  { text: "HTTP://Orders:80", origin: "http://orders:80" },
  { text: "http://[::1]:7101", origin: "http://[::1]:7101" },
];
for (const { text, origin } of accepted)
  test(`${text} is read as ${origin}`, () => assert.equal(parseOrigin(text), origin));

const refused = [
  "127.0.0.1:7101",
  "ftp://orders:21",
  "http://orders/path",
  "http://orders?query",
  "http://orders#part",
  "http://user@orders:80",
  "http://user:secret@orders:80",
  "http://orders:0",
  "http://orders:65536",
  "http://orders:",
  "http://or ders:80",
  "http://[::1",
  "http://",
  "",
];
for (const text of refused) test(`"${text}" is no origin`, () => assert.equal(parseOrigin(text), undefined));

test("an IPv6 address gets its brackets", () => assert.equal(originOf("http", "fd00::7", 80), "http://[fd00::7]:80"));

test("an IPv4 address in another spelling is read as the URL parser reads it, or not at all", () => {
  assert.equal(originOf("http", "10.0.0.1", 80), "http://10.0.0.1:80");
  for (const address of ["010.0.0.1", "0x7f.1", "1", "10.0.0.256"])
    assert.equal(originOf("http", address, 80), undefined);
});

test("an address that is more than a host is refused", () => {
  for (const address of ["", "a/b", "a@b", "a:b", "a?b", " "]) assert.equal(originOf("http", address, 80), undefined);
});
