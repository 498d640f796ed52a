import assert from "node:assert/strict";
import { test } from "node:test";
import { hashAddress } from "./address-hash.ts";

const same: readonly (readonly [string, string])[] = [
  ["2001:db8::1", "2001:db8::ffff:2"],
  ["2001:db8::1", "2001:0db8:0:0:1:2:3:4"],
  ["2001:DB8:0:A::1", "2001:db8:0:a:9::"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
  ["1::4:5:6:7:8", "1:0:0:4::9"],
  ["::1", "::2"],
  ["::", "0:0:0:0:1:1:1:1"],
  ["fe80::1%eth0", "fe80::1%eth1"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::192.0.2.9"],
];
for (const [one, other] of same)
  test(`${one} and ${other} are one client`, () => assert.equal(hashAddress(one), hashAddress(other)));

const different: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.2"],
  ["2001:db8::1", "2001:db9::1"],
  ["2001:db8:0:1::1", "2001:db8:0:2::1"],
  ["1:2:3::", "1:2::3:0:0:0:0"],
  ["1::4:5:6:7:8", "1:4::5:6:7:8"],
  ["::1", "1::"],
];
for (const [one, other] of different)
  test(`${one} and ${other} are two`, () => assert.notEqual(hashAddress(one), hashAddress(other)));

test("whatever is no address comes to an end too", () => {
  for (const text of ["", ":", "::::::::", "%", "a:", ":a", "zz:::zz%", "1:2:3:4:5:6:7:8:9:10", "fe80"])
    assert.equal(hashAddress(text), hashAddress(text), text);
});
