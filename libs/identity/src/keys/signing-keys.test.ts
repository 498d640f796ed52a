import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { fixedClock } from "@tandem/platform/testing";
import { createKeyFile } from "./create-key-file.ts";
import { inForce, newestFirst, openSigningKeys } from "./signing-keys.ts";
import { emptyDirectory } from "./testing.ts";

const options = { algorithm: "EdDSA", logger: silentLogger, interval: 100_000 } as const;
const start = 1_700_000_000_000;

const key = (kid: string, signsFrom: number) => ({ kid, signsFrom });
const choices: { name: string; keys: ReturnType<typeof key>[]; expected: string | undefined }[] = [
  { name: "no key", keys: [], expected: undefined },
  { name: "one key", keys: [key("a", 1)], expected: "a" },
  { name: "the newest of those whose time has come", keys: [key("a", 1), key("b", 10), key("c", 11)], expected: "b" },
  { name: "where no time has come, the one that comes first", keys: [key("b", 20), key("a", 12)], expected: "a" },
  { name: "of two of the same moment always the same", keys: [key("b", 5), key("a", 5)], expected: "a" },
];
for (const { name, keys, expected } of choices)
  test(`in force is ${name}`, () => assert.equal(inForce(keys.toSorted(newestFirst), 10)?.kid, expected));

test("a key is published and verifies before its time, and signs from then on without another look", async (t) => {
  const directory = await emptyDirectory(t);
  const clock = fixedClock(start);
  const first = await createKeyFile(directory, { algorithm: "EdDSA", now: start - 1000 });
  const keys = await openSigningKeys(directory, { ...options, clock });
  t.after(() => keys.close());
  const second = await createKeyFile(directory, { algorithm: "EdDSA", now: start + 60_000 });
  const third = await createKeyFile(directory, { algorithm: "EdDSA", now: start + 90_000 });
  await keys.renew();
  const all = [third, second, first];
  const seen = () => [
    keys.newest.kid,
    keys.keys().map(({ kid }) => kid),
    keys.all.map(({ publicJwk }) => publicJwk.kid),
  ];
  assert.deepEqual(seen(), [first, all, all]);
  clock.advance(59_999);
  assert.equal(keys.newest.kid, first);
  clock.advance(1);
  assert.deepEqual(seen(), [second, all, all]);
  clock.advance(30_000);
  assert.equal(keys.newest.kid, third);
});

test("gateways whose clocks are ahead or behind sign with another key, and each has both", async (t) => {
  const directory = await emptyDirectory(t);
  const [old, young] = [
    await createKeyFile(directory, { algorithm: "EdDSA", now: start - 1000 }),
    await createKeyFile(directory, { algorithm: "EdDSA", now: start }),
  ];
  for (const [offset, expected] of [
    [-300_000, old],
    [-500, old],
    [0, young],
    [300_000, young],
  ] as const) {
    const keys = await openSigningKeys(directory, { ...options, clock: fixedClock(start + offset) });
    assert.deepEqual([keys.newest.kid, keys.keys().length], [expected, 2]);
    keys.close();
  }
});

test("a gateway whose clock is behind signs on with the next key once the old one is gone", async (t) => {
  const directory = await emptyDirectory(t);
  const old = await createKeyFile(directory, { algorithm: "EdDSA", now: start - 1000 });
  const young = await createKeyFile(directory, { algorithm: "EdDSA", now: start + 1000 });
  const keys = await openSigningKeys(directory, { ...options, clock: fixedClock(start) });
  t.after(() => keys.close());
  await rm(join(directory, `${old}.json`));
  await keys.renew();
  assert.equal(keys.newest.kid, young);
});
