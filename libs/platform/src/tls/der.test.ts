import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBytes, bitString, element, objectIdentifier, time, unsignedInteger } from "./der.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

for (const { length, header } of [
  { length: 0, header: "0400" },
  { length: 127, header: "047f" },
  { length: 128, header: "048180" },
  { length: 255, header: "0481ff" },
  { length: 256, header: "04820100" },
  { length: 65_536, header: "0483010000" },
])
  test(`${length} bytes are announced in as few bytes as will do`, () => {
    const encoded = element(0x04, Buffer.alloc(length));
    assert.equal(hex(encoded.subarray(0, encoded.length - length)), header);
  });

for (const { given, expected } of [
  { given: "00", expected: "020100" },
  { given: "7f", expected: "02017f" },
  { given: "80", expected: "02020080" },
  { given: "000001", expected: "020101" },
])
  test(`the number ${given} is as short as it can be, and not negative`, () =>
    assert.equal(hex(unsignedInteger(Buffer.from(given, "hex"))), expected));

for (const { dotted, expected } of [
  { dotted: "1.2.840.10045.4.3.2", expected: "06082a8648ce3d040302" },
  { dotted: "2.5.29.17", expected: "0603551d11" },
  { dotted: "1.3.6.1.5.5.7.3.1", expected: "06082b06010505070301" },
])
  test(`the identifier ${dotted} is encoded`, () => assert.equal(hex(objectIdentifier(dotted)), expected));

test("bits say how many of the last byte do not count", () =>
  assert.equal(hex(bitString(Buffer.from([0x80]), 7)), "03020780"));

for (const { moment, expected } of [
  { moment: "2026-11-21T00:30:05.123Z", expected: "\x17\x0d261121003005Z" },
  { moment: "2049-12-31T23:59:59Z", expected: "\x17\x0d491231235959Z" },
  { moment: "2050-01-01T00:00:00Z", expected: "\x18\x0f20500101000000Z" },
])
  test(`${moment} has the form of its century`, () =>
    assert.equal(time(new Date(moment)).toString("latin1"), expected));

for (const { address, expected } of [
  { address: "192.0.2.7", expected: "c0000207" },
  { address: "::1", expected: "00000000000000000000000000000001" },
  { address: "::", expected: "00000000000000000000000000000000" },
  { address: "2001:db8::7:0:9", expected: "20010db8000000000000000700000009" },
  { address: "1:2:3:4:5:6:7:8", expected: "00010002000300040005000600070008" },
  { address: "::ffff:192.0.2.7", expected: "00000000000000000000ffffc0000207" },
])
  test(`${address} is its bytes`, () => assert.equal(hex(addressBytes(address)), expected));
