import assert from "node:assert/strict";
import { test } from "node:test";
import { ProxyHeaderError, readProxiedClient, readProxyPrefix } from "./proxy-header.ts";

const signature = "0d0a0d0a000d0a515549540a";
const v4 = "c0000207c6336401dc0420fb";
const v6 = "20010db800000000000000000000000720010db8000000000000000000000001dc0420fb";
const mapped = "00000000000000000000ffffc000020700000000000000000000ffffc6336401dc0420fb";
const tlv = "040003000000";

function read(hex: string): { address: string; port: number } | undefined {
  const bytes = Buffer.from(hex, "hex");
  const prefix = bytes.subarray(0, 16);
  const length = readProxyPrefix(prefix);
  return readProxiedClient(prefix, bytes.subarray(16, 16 + length));
}

for (const { name, hex, expected } of [
  { name: "IPv4 over TCP", hex: `${signature}2111000c${v4}`, expected: { address: "192.0.2.7", port: 56_324 } },
  { name: "IPv6 over TCP", hex: `${signature}21210024${v6}`, expected: { address: "2001:db8::7", port: 56_324 } },
  {
    name: "IPv4 written as IPv6",
    hex: `${signature}21210024${mapped}`,
    expected: { address: "192.0.2.7", port: 56_324 },
  },
  { name: "IPv4 and TLVs", hex: `${signature}21110012${v4}${tlv}`, expected: { address: "192.0.2.7", port: 56_324 } },
  { name: "a health check of the balancer", hex: `${signature}20000000`, expected: undefined },
  { name: "a health check with addresses to ignore", hex: `${signature}2011000c${v4}`, expected: undefined },
  { name: "a client that the balancer does not know", hex: `${signature}21000000`, expected: undefined },
])
  test(`${name} is understood`, () => assert.deepEqual(read(hex), expected));

for (const { name, hex } of [
  { name: "nothing", hex: "" },
  { name: "a request", hex: Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n").toString("hex") },
  { name: "the text form, v1", hex: Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n").toString("hex") },
  { name: "one wrong byte in the signature", hex: `0d0a0d0a000d0a515549540b2111000c${v4}` },
  { name: "version 1 in binary", hex: `${signature}1111000c${v4}` },
  { name: "an unknown command", hex: `${signature}2211000c${v4}` },
  { name: "UDP", hex: `${signature}2112000c${v4}` },
  { name: "a unix socket", hex: `${signature}213100d8${"00".repeat(216)}` },
  { name: "addresses cut off", hex: `${signature}21110008${v4}` },
  { name: "IPv6 in the room of IPv4", hex: `${signature}2121000c${v4}` },
  { name: "no end in sight", hex: `${signature}2111ffff${v4}` },
])
  test(`${name} is refused`, () => assert.throws(() => read(hex), ProxyHeaderError));
