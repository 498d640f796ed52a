import assert from "node:assert/strict";
import { test } from "node:test";
import { planRotation, type DatedKey, type RotationTimes } from "./plan-rotation.ts";

const times = { lead: 60_000, retireAfter: 100_000 };
const key = (kid: string, signsFrom: number): DatedKey => ({ kid, signsFrom });
const now = 10_000_000;

interface Case {
  readonly name: string;
  /** Newest first. */
  readonly keys: readonly DatedKey[];
  readonly times?: Partial<RotationTimes>;
  readonly now?: number;
  readonly makeFor?: number;
  readonly retire?: string[];
  readonly keep?: [string, number][];
}
const cases: Case[] = [
  { name: "the first key signs at once", keys: [], makeFor: now },
  { name: "the next key signs after the lead", keys: [key("a", 1)], makeFor: now + 60_000 },
  { name: "a start is a whole second, and no earlier", keys: [key("a", 1)], now: now + 1, makeFor: now + 61_000 },
  { name: "while one waits no other is made", keys: [key("b", now + 1), key("a", 1)] },
  { name: "one whose time has just come waits no more", keys: [key("a", now)], makeFor: now + 60_000 },
  {
    name: "a key that was followed is kept until nothing that it signed is good",
    keys: [key("b", now - 99_999), key("a", 1)],
    makeFor: now + 60_000,
    keep: [["a", now + 1]],
  },
  {
    name: "and is retired then",
    keys: [key("b", now - 100_000), key("a", 1)],
    makeFor: now + 60_000,
    retire: ["a"],
  },
  {
    name: "what counts is when the next one began, not when a key was made",
    keys: [key("d", now + 5), key("c", now - 10), key("b", now - 100_000), key("a", 1)],
    retire: ["a"],
    keep: [["b", now + 99_990]],
  },
  {
    name: "without a lead the old key is followed at once",
    keys: [key("a", 1)],
    times: { lead: 0 },
    makeFor: now,
    keep: [["a", now + 100_000]],
  },
  {
    name: "without any patience it is gone at once, as after a theft",
    keys: [key("a", 1)],
    times: { lead: 0, retireAfter: 0 },
    makeFor: now,
    retire: ["a"],
  },
  {
    name: "with a lead the one in force stays, whatever the patience",
    keys: [key("a", 1)],
    times: { retireAfter: 0 },
    makeFor: now + 60_000,
  },
  {
    name: "of keys whose time has not come none is retired",
    keys: [key("b", now + 9), key("a", now + 1)],
    times: { retireAfter: 0 },
  },
  { name: "on schedule a young key stays alone", keys: [key("a", now - 939_999)], times: { every: 1_000_000 } },
  {
    name: "on schedule the next one is made a lead before its time",
    keys: [key("a", now - 940_000)],
    times: { every: 1_000_000 },
    makeFor: now + 60_000,
  },
  {
    name: "on schedule one that waits is enough",
    keys: [key("b", now + 60_000), key("a", 1)],
    times: { every: 1_000_000 },
  },
  {
    name: "on schedule old keys are retired also while none is due",
    keys: [key("b", now - 200_000), key("a", 1)],
    times: { every: 1_000_000 },
    retire: ["a"],
  },
  {
    name: "a key from a clock that was wrong does not stop the schedule",
    keys: [key("z", now + 1_000_001), key("a", 1)],
    times: { every: 1_000_000 },
    makeFor: now + 60_000,
  },
  {
    name: "a clock that is far behind makes no key and retires none",
    keys: [key("b", now), key("a", 1)],
    now: 500,
    times: { every: now },
  },
];
for (const { name, keys, now: at = now, retire = [], keep = [], makeFor, ...given } of cases)
  test(name, () => {
    const plan = planRotation(keys, { ...times, ...given.times }, at);
    assert.deepEqual(
      { ...plan, retire: plan.retire.map(({ kid }) => kid), keep: plan.keep.map(({ kid, until }) => [kid, until]) },
      { makeFor, retire, keep },
    );
  });
