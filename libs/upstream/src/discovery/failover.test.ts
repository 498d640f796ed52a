import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "@tandem/contracts/upstream";
import { keepingLogger, until } from "@tandem/platform/testing";
import { failover, prefer, type Standing } from "./failover.ts";
import { scripted } from "./scripted.testing.ts";

const list = (...ids: string[]): Endpoint[] => ids.map((id) => ({ id, origin: `http://${id}:80`, weight: 1 }));

/** `2` has two and answers, `2~5` has been silent for five seconds, `?` has said nothing yet, `?~1` cannot be asked. */
function standing(text: string): Standing {
  const [count = "", silent] = text.split("~");
  return {
    list: count === "?" ? undefined : list(...Array.from({ length: Number(count) }, (_, at) => `i${at}`)),
    silentMs: silent === undefined ? undefined : Number(silent) * 1_000,
  };
}

const cases: { name: string; places: string; inUse?: number; early?: true; chosen: number | undefined }[] = [
  { name: "the first that has any", places: "2 2", chosen: 0 },
  { name: "the next where the first has none", places: "0 2", chosen: 1 },
  { name: "at first, the better one is waited for", places: "? 2", early: true, chosen: undefined },
  { name: "but not for long", places: "? 2", chosen: 1 },
  { name: "nor if it cannot be asked", places: "?~0 2", early: true, chosen: 1 },
  { name: "a worse one is not waited for", places: "2 ?", early: true, chosen: 0 },
  { name: "nobody has any", places: "0 0", chosen: 0 },
  { name: "nobody has said anything", places: "? ?", chosen: undefined },
  { name: "nobody can be asked", places: "?~9 ?~9", chosen: undefined },
  { name: "back as soon as the first has some", places: "1 2", inUse: 1, chosen: 0 },
  { name: "one that is silent for a moment is still used", places: "2~29 2", inUse: 0, chosen: 0 },
  { name: "one that is silent for long is lost if another answers", places: "2~30 2", inUse: 0, chosen: 1 },
  { name: "where nobody answers, nothing changes", places: "2~40 2~31", inUse: 0, chosen: 0 },
  { name: "nor for one that merely has been silent for less", places: "2~30 2~1", inUse: 0, chosen: 0 },
  { name: "the stand-in may be silent for a moment too", places: "2~60 2~5", inUse: 1, chosen: 1 },
  { name: "the stand-in stays when nobody answers", places: "2~60 2~60", inUse: 1, chosen: 1 },
  { name: "back when the lost one answers", places: "2 2~60", inUse: 1, chosen: 0 },
  { name: "an old list rather than none, where nobody answers", places: "0~9 2~9", chosen: 1 },
  { name: "the third, if it must be", places: "0 2~60 1", inUse: 1, chosen: 2 },
];
for (const { name, places, inUse, early = false, chosen } of cases)
  test(`${name}: ${places}`, () => {
    const standings = places.split(" ").map(standing);
    assert.equal(prefer(standings, { inUse, lostAfter: 30_000, hasWaited: !early }), chosen);
  });

test("over to the second place and back, with evidence of which is in use", () => {
  const [home, away] = [scripted(), scripted()];
  const logger = keepingLogger();
  const told: string[] = [];
  const places = [
    { name: "dc1", discovery: home.discovery },
    { name: "dc2", discovery: away.discovery },
  ];
  const watch = failover(places, { logger }).watch("orders", (all) => told.push(all.map(({ id }) => id).join(" ")));
  away.tell(list("x"));
  assert.deepEqual(told, []);
  home.tell(list("a", "b"));
  away.tell(list("x", "y"));
  home.tell([]);
  assert.deepEqual(told, ["a b", "x y"]);
  const { degraded, choices, endpoints } = watch.evidence();
  assert.equal(degraded, "dc2 stands in for dc1");
  assert.deepEqual(choices, [
    { name: "dc1", inUse: false, count: 0 },
    { name: "dc2", inUse: true, count: 2 },
  ]);
  assert.equal(endpoints.length, 2);
  home.tell(list("a"));
  assert.deepEqual(told.slice(2), ["a"]);
  assert.equal(watch.evidence().degraded, undefined);
  assert.deepEqual(
    logger.lines.map(({ fields }) => fields["place"]),
    ["dc2", "dc1"],
  );
  watch.close();
  assert.deepEqual([home.state.closed, away.state.closed], [1, 1]);
});

test("a place that says nothing at all does not hold up the others for ever", async () => {
  const [home, away] = [scripted(), scripted()];
  let told = 0;
  const places = [
    { name: "dc1", discovery: home.discovery },
    { name: "dc2", discovery: away.discovery },
  ];
  const watch = failover(places, { logger: keepingLogger(), patience: 50 }).watch("orders", () => told++);
  away.tell(list("x"));
  assert.equal(told, 0);
  await until("the second is used", () => told === 1);
  watch.close();
});
