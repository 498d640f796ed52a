import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "@tandem/contracts/upstream";
import { believe, breakOff, dueAt, nobody, type Belief } from "./last-good.ts";

const endpoint = (id: string): Endpoint => ({ id, origin: `http://${id}:80`, weight: 1 });
const grace = 30_000;

/** An answer: `a b` pass, `!c` is registered and critical. */
function answer(belief: Belief, text: string, now = 0): Belief {
  const ids = text.split(" ").filter(Boolean);
  const passing = ids.filter((id) => !id.startsWith("!")).map(endpoint);
  const registered = new Set(ids.map((id) => endpoint(id.replace("!", "")).origin));
  return believe(belief, { passing, registered }, { now, grace, emptyGrace: 5_000, sudden: 2 });
}

interface Step {
  readonly says?: string;
  readonly breaks?: true;
  readonly at?: number;
  readonly believed: string;
}
const stories: { name: string; steps: Step[] }[] = [
  { name: "at first an empty answer is the truth", steps: [{ says: "", believed: "" }] },
  {
    name: "in the ordinary case every answer is followed at once, down to the last instance",
    steps: [
      { says: "a b", believed: "a b" },
      { says: "a !b", believed: "a" },
      { says: "a", believed: "a" },
      { says: "!a", believed: "" },
      { says: "", believed: "" },
    ],
  },
  {
    name: "a registry that comes back empty changes nothing for a day, and then it is believed",
    steps: [
      { says: "a b", believed: "a b" },
      { breaks: true, believed: "a b" },
      { says: "", at: 1_000, believed: "a b" },
      { says: "", at: 900_000, believed: "a b" },
      { says: "", at: 86_400_999, believed: "a b" },
      { says: "", at: 86_401_000, believed: "" },
    ],
  },
  {
    name: "several that vanish at one stroke, and all of them, are kept for a moment",
    steps: [
      { says: "a b", believed: "a b" },
      { says: "", at: 1_000, believed: "a b" },
      { says: "", at: 5_999, believed: "a b" },
      { says: "", at: 6_000, believed: "" },
    ],
  },
  {
    name: "all of several that turn critical at one stroke are doubted as well",
    steps: [
      { says: "a b", believed: "a b" },
      { says: "!a !b", at: 1_000, believed: "a b" },
      { says: "!a !b", at: 6_000, believed: "" },
    ],
  },
  {
    name: "an answer that names somebody ends the doubt, and the next one is another",
    steps: [
      { says: "a b", believed: "a b" },
      { says: "", at: 1_000, believed: "a b" },
      { says: "b c", at: 2_000, believed: "b c" },
      { says: "", at: 6_000, believed: "b c" },
      { says: "", at: 11_000, believed: "" },
    ],
  },
  {
    name: "a break amid the doubt keeps what was doubted",
    steps: [
      { says: "a b", believed: "a b" },
      { says: "", at: 1_000, believed: "a b" },
      { breaks: true, believed: "a b" },
      { says: "", at: 7_000, believed: "a b" },
      { says: "a", at: 8_000, believed: "a b" },
      { says: "a", at: 37_000, believed: "a" },
    ],
  },
  {
    name: "those that register again do not push out those that have not yet",
    steps: [
      { says: "a b c", believed: "a b c" },
      { breaks: true, believed: "a b c" },
      { says: "", at: 0, believed: "a b c" },
      { says: "b", at: 1_000, believed: "b a c" },
      { says: "b d", at: 2_000, believed: "b d a c" },
      { says: "b d", at: 30_000, believed: "b d" },
    ],
  },
  {
    name: "a check that begins critical does not cost the service its last instance",
    steps: [
      { says: "a", believed: "a" },
      { breaks: true, believed: "a" },
      { says: "!a", at: 0, believed: "a" },
      { says: "a", at: 3_000, believed: "a" },
      { says: "!a", at: 4_000, believed: "" },
    ],
  },
  {
    name: "an instance that stays critical after a break is given up when the grace is over",
    steps: [
      { says: "a", believed: "a" },
      { breaks: true, believed: "a" },
      { says: "!a", at: 0, believed: "a" },
      { says: "!a", at: 30_000, believed: "" },
    ],
  },
  {
    name: "after a break a critical instance goes at once when another one passes",
    steps: [
      { says: "a b", believed: "a b" },
      { breaks: true, believed: "a b" },
      { says: "a !b", at: 0, believed: "a" },
    ],
  },
  {
    name: "a break that cost the registry nothing is over with its first answer",
    steps: [
      { says: "a b", believed: "a b" },
      { breaks: true, believed: "a b" },
      { says: "a b", at: 0, believed: "a b" },
      { says: "a", at: 1, believed: "a" },
      { says: "", at: 2, believed: "" },
    ],
  },
  {
    name: "a second break before the first is mended drops nobody",
    steps: [
      { says: "a b", believed: "a b" },
      { breaks: true, believed: "a b" },
      { says: "a", at: 0, believed: "a b" },
      { breaks: true, believed: "a b" },
      { says: "", at: 29_000, believed: "a b" },
      { says: "", at: 31_000, believed: "a b" },
    ],
  },
  {
    name: "once something was registered, an empty registry is not waited for without end",
    steps: [
      { says: "a b", believed: "a b" },
      { breaks: true, believed: "a b" },
      { says: "a", at: 0, believed: "a b" },
      { says: "", at: 5_000, believed: "b" },
      { says: "", at: 30_000, believed: "" },
    ],
  },
];

for (const { name, steps } of stories)
  test(name, () => {
    let belief = nobody;
    for (const { says, breaks, at, believed } of steps) {
      belief = breaks ? breakOff(belief) : answer(belief, says ?? "", at);
      assert.equal(belief.endpoints.map(({ id }) => id).join(" "), believed, JSON.stringify({ says, breaks, at }));
    }
  });

test("nobody is awaited once everybody was seen passing again", () => {
  const broken = breakOff(answer(nobody, "a b"));
  assert.equal(broken.awaited.length, 2);
  assert.equal(answer(broken, "a b").awaited.length, 0);
});

test("it is known when time alone will change what is believed", () => {
  const both = answer(nobody, "a b");
  assert.equal(dueAt(both, { grace }), Number.POSITIVE_INFINITY);
  assert.equal(dueAt(answer(both, "", 1_000), { grace }), 6_000);
  assert.equal(dueAt(breakOff(both), { grace }), Number.POSITIVE_INFINITY);
  assert.equal(dueAt(answer(breakOff(both), "a", 1_000), { grace }), 31_000);
});
