import assert from "node:assert/strict";
import { test } from "node:test";
import { layTable, type Candidate } from "./lay-table.ts";

interface Named extends Candidate {
  readonly name: string;
}

const well: Omit<Named, "name"> = {
  zone: undefined,
  fullWeight: 1,
  warmth: 1,
  healthy: true,
  suspect: false,
  barred: false,
};
const sick = { healthy: false };
const suspect = { suspect: true };
const barred = { barred: true };

const times = (length: number, one: Partial<Named>): Partial<Named>[] => Array.from({ length }, () => one);

const cases: { name: string; given: Partial<Named>[]; panic?: number; reason: string; members: string }[] = [
  { name: "nobody", given: [], reason: "normal", members: "" },
  { name: "all healthy", given: [{}, {}], reason: "normal", members: "a b" },
  { name: "one of two sick", given: [{}, sick], reason: "normal", members: "a" },
  { name: "both sick", given: [sick, sick], reason: "panic", members: "a b" },
  { name: "both sick, and no panic wanted", given: [sick, sick], panic: 0, reason: "normal", members: "" },
  { name: "one sick, and the other fails", given: [sick, suspect], reason: "panic", members: "a b" },
  { name: "one sick, the other fails, no panic", given: [sick, suspect], panic: 0, reason: "normal", members: "b" },
  { name: "one that fails beside one that is well", given: [{}, suspect], reason: "normal", members: "a b" },
  { name: "the only one fails", given: [suspect], reason: "panic", members: "a" },
  {
    name: "one of three left where two are wanted",
    given: [{}, sick, sick],
    panic: 2,
    reason: "panic",
    members: "a b c",
  },
  { name: "the only one, where two are wanted", given: [{}], panic: 2, reason: "normal", members: "a" },
  { name: "one at rest", given: [{}, barred], reason: "normal", members: "a" },
  { name: "all at rest: not even in a panic", given: [barred, barred], reason: "normal", members: "" },
  { name: "one at rest, the other sick", given: [barred, sick], reason: "panic", members: "b" },
  { name: "nine of ten sick: no percentage", given: [{}, ...times(9, sick)], reason: "normal", members: "a" },
];
for (const { name, given, panic = 1, reason, members } of cases)
  test(`${name}: ${reason}, ${members || "nobody"}`, () => {
    const table = layTable(named(given), { panic, zone: undefined });
    assert.deepEqual([table.reason, table.members.map((one) => one.name).join(" ")], [reason, members]);
  });

test("weights are what discovery says, as far as warm; in a panic all of it", () => {
  const given = named([{ fullWeight: 4 }, { fullWeight: 4, warmth: 0.25 }]);
  assert.deepEqual(layTable(given, { panic: 1, zone: undefined }).weights, [4, 1]);
  const allSick = given.map((one) => ({ ...one, healthy: false }));
  assert.deepEqual(layTable(allSick, { panic: 1, zone: undefined }).weights, [4, 4]);
});

const [own, other, third] = [{ zone: "own" }, { zone: "other" }, { zone: "third" }];

const zones: { name: string; given: Partial<Named>[]; reason: string; stays: number }[] = [
  { name: "one healthy instance in each of two zones", given: [own, other], reason: "zone", stays: 1 },
  {
    name: "the own zone two thirds healthy",
    given: [own, own, { ...own, ...sick }, other, other],
    reason: "zone",
    stays: 1,
  },
  {
    name: "the own zone down to one of four",
    given: [own, ...times(3, { ...own, ...sick }), ...times(4, other)],
    reason: "spill",
    stays: 0.6,
  },
  { name: "nobody healthy in the own zone", given: [{ ...own, ...sick }, other, other], reason: "spill", stays: 0 },
  { name: "nobody ever in the own zone", given: [other, third], reason: "spill", stays: 0 },
  { name: "nobody in any other zone", given: [own, own], reason: "normal", stays: 1 },
  {
    name: "a small own zone among three",
    given: [own, ...times(9, other), ...times(5, third)],
    reason: "spill",
    stays: 0.3,
  },
  {
    name: "one that warms up in the own zone",
    given: [{ ...own, warmth: 0.1 }, other],
    reason: "spill",
    stays: 3 / 11,
  },
  { name: "an own zone at rest", given: [{ ...own, ...barred }, other], reason: "spill", stays: 0 },
];
for (const { name, given, reason, stays } of zones)
  test(`${name}: ${reason}, and ${Math.round(stays * 100)} % stays`, () => {
    const table = layTable(named(given), { panic: 1, zone: "own" });
    assert.equal(table.reason, reason);
    assert.ok(Math.abs(shareOf(table.members, table.weights) - stays) < 1e-9);
    assert.ok(table.weights.every((weight) => weight > 0));
  });

test("whatever is healthy, no zone's instances get more than half again what they would get without zones", () => {
  const names = ["x", "y", "z"];
  for (let seed = 0; seed < 512; seed++) {
    // Three instances to a zone; the seed's bits say who is healthy.
    const all = names.flatMap((zone, at) =>
      Array.from({ length: 3 }, (_, bit) => ({ zone, healthy: ((seed >> (at * 3 + bit)) & 1) === 1 })),
    );
    const healthy = all.filter((one) => one.healthy).length;
    if (healthy === 0) continue;
    const load = new Map<string, number>();
    for (const zone of names) {
      const { members, weights } = layTable(named(all), { panic: 1, zone });
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [index, { name }] of members.entries())
        load.set(name, (load.get(name) ?? 0) + weights[index]! / sum / 3);
      const own = all.filter((one) => one.zone === zone && one.healthy).length;
      const stays = shareOf(members, weights, zone);
      assert.ok(stays / 3 <= (1.5 * own) / healthy + 1e-9, `${zone} of ${seed}`);
    }
    const total = [...load.values()].reduce((sum, one) => sum + one, 0);
    assert.ok(Math.abs(total - 1) < 1e-9);
  }
});

function named(given: readonly Partial<Named>[]): Named[] {
  return given.map((one, index) => ({ ...well, ...one, name: String.fromCodePoint(97 + index) }));
}

/** The part of the requests that stays in a zone. */
function shareOf(members: readonly Named[], weights: readonly number[], zone = "own"): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const own = weights.reduce((total, weight, index) => (members[index]?.zone === zone ? total + weight : total), 0);
  return own / sum;
}
