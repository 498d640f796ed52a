import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf } from "./network-of.ts";

const cases: [address: string, network: string][] = [
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002:ffff::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8::3:4:5:6", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
];
for (const [address, network] of cases)
  test(`${address} is of ${network}`, () => assert.equal(networkOf(address), network));

test("two addresses of one holder are one place", () =>
  assert.equal(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:2:aaaa:bbbb:cccc:dddd")));
