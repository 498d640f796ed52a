import assert from "node:assert/strict";
import { test } from "node:test";
import { traceContextSchema } from "./config.ts";
import { trustFaults } from "./trust-faults.ts";
import { trustOfStrangers } from "./trust.ts";

const peer = (address: string) => ({ address, port: 1 });

test("without a section everybody's trace is restarted", () => {
  const options = traceContextSchema.parse(undefined);
  assert.deepEqual(options, { trust: "restart", networks: [] });
  assert.equal(trustOfStrangers(options)(peer("127.0.0.1")), "restart");
});

const options = traceContextSchema.parse({
  trust: "ignore",
  networks: [
    { from: ["10.1.0.0/16", "2001:db8::/32"], trust: "restart" },
    { from: ["10.0.0.0/8"], trust: "continue" },
  ],
});
const cases = [
  { address: "10.1.2.3", trust: "restart" },
  { address: "10.2.2.3", trust: "continue" },
  { address: "2001:db8::7", trust: "restart" },
  { address: "192.0.2.1", trust: "ignore" },
  { address: "", trust: "ignore" },
];
for (const { address, trust } of cases)
  test(`the first network that has ${address || "no address"} says ${trust}`, () =>
    assert.equal(trustOfStrangers(options)(peer(address)), trust));

test("a connection is judged once", () => {
  const trustOf = trustOfStrangers(options);
  let asked = 0;
  const one = {
    port: 1,
    get address() {
      asked++;
      return "10.2.2.3";
    },
  };
  assert.equal(trustOf(one), "continue");
  const looks = asked;
  assert.deepEqual([trustOf(one), asked], ["continue", looks]);
});

test("networks in a sensible order are no fault", () => assert.deepEqual(trustFaults(options), []));

const dead = [
  { name: "a network behind one that holds it", first: ["10.0.0.0/8"], second: ["192.0.2.1", "10.1.0.0/16"], at: 1 },
  { name: "the same network once more", first: ["10.0.0.0/8"], second: ["10.9.9.9/8"], at: 0 },
  {
    name: "one that two before it hold together",
    first: ["10.0.0.0/9", "10.128.0.0/9"],
    second: ["10.0.0.0/8"],
    at: 0,
  },
];
for (const { name, first, second, at } of dead)
  test(`${name} is a fault with its place`, () => {
    const networks = [
      { from: first, trust: "continue" as const },
      { from: second, trust: "ignore" as const },
    ];
    const [fault, ...more] = trustFaults({ networks });
    assert.deepEqual([fault?.path, more], [["networks", 1, "from", at], []]);
    assert.match(fault?.message ?? "", /can never match/);
  });

for (const given of [
  { trust: "believe" },
  { networks: [{ from: [], trust: "ignore" }] },
  { networks: [{ from: ["10.0.0.0/33"], trust: "ignore" }] },
  { networks: [{ from: ["example.com"], trust: "ignore" }] },
  { networks: [{ from: ["10.0.0.0/8"] }] },
  { trusted: true },
])
  test(`${JSON.stringify(given)} is refused`, () => assert.equal(traceContextSchema.safeParse(given).success, false));
