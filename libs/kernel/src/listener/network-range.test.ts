import assert from "node:assert/strict";
import { test } from "node:test";
import { isCovered, rangeOf } from "./network-range.ts";

const ranges = [
  { cidr: "10.1.2.3", family: 4, first: 0x0a010203n, last: 0x0a010203n },
  { cidr: "10.1.2.3/8", family: 4, first: 0x0a000000n, last: 0x0affffffn },
  { cidr: "0.0.0.0/0", family: 4, first: 0n, last: 0xffffffffn },
  { cidr: "::/0", family: 6, first: 0n, last: (1n << 128n) - 1n },
  { cidr: "::1", family: 6, first: 1n, last: 1n },
  { cidr: "2001:db8::/32", family: 6, first: 0x20010db8n << 96n, last: ((0x20010db8n + 1n) << 96n) - 1n },
  {
    cidr: "1:2:3:4:5:6:7:8",
    family: 6,
    first: 0x00010002000300040005000600070008n,
    last: 0x00010002000300040005000600070008n,
  },
  { cidr: "::ffff:10.0.0.0/104", family: 4, first: 0x0a000000n, last: 0x0affffffn },
  { cidr: "::ffff:a00:1", family: 4, first: 0x0a000001n, last: 0x0a000001n },
];
for (const { cidr, ...expected } of ranges) test(`${cidr} is read`, () => assert.deepEqual(rangeOf(cidr), expected));

const coverings = [
  { network: "10.1.0.0/16", by: ["10.0.0.0/8"], covered: true },
  { network: "10.0.0.0/8", by: ["10.1.0.0/16"], covered: false },
  { network: "10.0.0.0/8", by: ["10.128.0.0/9", "10.0.0.0/9"], covered: true },
  { network: "10.0.0.0/8", by: ["10.0.0.0/9", "10.192.0.0/10"], covered: false },
  { network: "10.0.0.1", by: ["::/0"], covered: false },
  { network: "::1", by: ["0.0.0.0/0"], covered: false },
  { network: "10.0.0.1", by: ["::ffff:10.0.0.0/104"], covered: true },
  { network: "10.0.0.1", by: [], covered: false },
  { network: "0.0.0.0/0", by: ["0.0.0.0/1", "64.0.0.0/2", "128.0.0.0/1"], covered: true },
];
for (const { network, by, covered } of coverings)
  test(`${network} is ${covered ? "" : "not "}covered by ${by.join(" and ") || "nothing"}`, () =>
    assert.equal(isCovered(rangeOf(network), by.map(rangeOf)), covered));
