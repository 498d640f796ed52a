import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fixedClock } from "@tandem/platform/testing";
import { documentOf } from "./api-key.ts";
import { digestOf, isApiKeySecret } from "./api-key-secret.ts";
import { createKey, KeyConflict, revokeKey, rotateKey } from "./manage-keys.ts";
import { givenKey, places } from "./testing.ts";

const hour = 3_600_000;
const start = Date.parse("2026-11-20T00:00:00Z");

/** Another gateway may need a moment to see it. */
async function until<T>(look: () => T | Promise<T>, holds: (found: Awaited<T>) => boolean): Promise<Awaited<T>> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const found = await look();
    if (holds(found) || performance.now() > deadline) return found;
    await sleep(5);
  }
}

for (const place of places)
  test(`keys in ${place.name}`, { skip: place.skip }, async (t) => {
    const { here, there } = await place.open(t);
    const clock = fixedClock(start);

    await t.test("where there is none, none is found", async () => {
      assert.deepEqual(await here.list(), []);
      assert.equal(await here.find(digestOf("x")), undefined);
      assert.equal(await here.get("ak_none"), undefined);
      assert.equal(await revokeKey(here, "ak_none", { clock }), undefined);
      assert.equal(await rotateKey(here, "ak_none", { clock, overlap: 0 }), undefined);
    });

    await t.test("a key is found by its secret and by its id, in every gateway, as it was made", async () => {
      const odd = {
        name: `odd: "#" 'ü' - {x}, [y] & *z | %é 日本`,
        roles: ["a b", "- c"],
        tenant: "null",
        label: "demo",
      };
      const { key, secret } = await createKey(here, givenKey({ ...odd, expiresAt: start + hour }), { clock });
      assert.ok(isApiKeySecret(secret) && secret.startsWith("tdm_demo_"));
      assert.match(key.id, /^ak_[a-z2-7]{12}$/);
      const found = await until(
        () => there.find(digestOf(secret)),
        (each) => each !== undefined,
      );
      assert.ok(found);
      assert.deepEqual({ ...found }, { ...key });
      assert.deepEqual(documentOf((await there.get(key.id)) ?? found), documentOf(key));
      assert.ok(!JSON.stringify(await there.list()).includes(secret.slice(9)));
    });

    await t.test("after a rotation both secrets lead to the key; without an overlap the new one alone", async () => {
      clock.advance(1);
      const { key, secret: first } = await createKey(here, givenKey(), { clock });
      const second = await rotateKey(here, key.id, { clock, overlap: hour });
      assert.deepEqual(second?.key.previous, [{ hash: digestOf(first), until: clock.now() + hour }]);
      for (const each of [first, second.secret])
        assert.equal((await until(() => there.find(digestOf(each)), Boolean))?.id, key.id);
      const recalled: string[] = [];
      const recall = async (digest: string): Promise<void> => void recalled.push(digest);
      const third = await rotateKey(here, key.id, { clock, overlap: 0, recall });
      assert.deepEqual(recalled, [digestOf(second.secret), digestOf(first)]);
      for (const each of [first, second.secret])
        assert.equal(
          await until(
            () => there.find(digestOf(each)),
            (found) => !found,
          ),
          undefined,
        );
      assert.equal((await there.find(digestOf(third?.secret ?? "")))?.id, key.id);
    });

    await t.test("an older secret is forgotten with the rotation after its end", async () => {
      const { key, secret } = await createKey(here, givenKey(), { clock });
      await rotateKey(here, key.id, { clock, overlap: hour });
      clock.advance(hour);
      const rotated = await rotateKey(here, key.id, { clock, overlap: hour });
      assert.equal(rotated?.key.previous.length, 1);
      assert.equal(await here.find(digestOf(secret)), undefined);
    });

    await t.test("a key that is rotated again and again has a limit, which ending the old secrets lifts", async () => {
      const { key } = await createKey(here, givenKey(), { clock });
      for (let turn = 0; turn < 8; turn++) await rotateKey(here, key.id, { clock, overlap: hour });
      await assert.rejects(rotateKey(here, key.id, { clock, overlap: hour }), /rotate without an overlap/);
      assert.equal((await rotateKey(here, key.id, { clock, overlap: 0 }))?.key.previous.length, 0);
    });

    await t.test("a revoked key stays to be seen, and can be revoked again, but not rotated", async () => {
      const { key, secret } = await createKey(here, givenKey(), { clock });
      const recalled: string[] = [];
      const recall = async (digest: string): Promise<void> => void recalled.push(digest);
      const revokedAt = clock.now();
      await revokeKey(here, key.id, { clock, recall });
      clock.advance(5);
      assert.equal((await revokeKey(here, key.id, { clock, recall }))?.revokedAt, revokedAt);
      assert.deepEqual(recalled, [digestOf(secret), digestOf(secret)]);
      const seen = await until(
        () => there.get(key.id),
        (each) => each?.revokedAt !== undefined,
      );
      assert.equal(seen?.revokedAt, revokedAt);
      await assert.rejects(rotateKey(here, key.id, { clock, overlap: 0 }), KeyConflict);
    });

    await t.test("an expired key is not rotated, and one that would be is not made", async () => {
      const { key } = await createKey(here, givenKey({ expiresAt: clock.now() + hour }), { clock });
      clock.advance(hour);
      await assert.rejects(rotateKey(here, key.id, { clock, overlap: 0 }), {
        name: "KeyConflict",
        message: /is expired/,
      });
      await assert.rejects(createKey(here, givenKey({ expiresAt: clock.now() }), { clock }), KeyConflict);
    });

    await t.test("what several gateways do to one key at once is all done", async () => {
      const { key, secret } = await createKey(here, givenKey(), { clock });
      await until(() => there.get(key.id), Boolean);
      const [, one, other] = await Promise.all([
        createKey(there, givenKey(), { clock }),
        rotateKey(here, key.id, { clock, overlap: hour }),
        rotateKey(there, key.id, { clock, overlap: hour }),
      ]);
      const all = await until(
        () => here.get(key.id),
        (each) => each?.previous.length === 2,
      );
      const digests = new Set([secret, one?.secret ?? "", other?.secret ?? ""].map(digestOf));
      assert.deepEqual(new Set([all?.hash, ...(all?.previous ?? []).map(({ hash }) => hash)]), digests);
      const [revoked] = await Promise.all([
        revokeKey(here, key.id, { clock }),
        rotateKey(there, key.id, { clock, overlap: hour }).catch((error: unknown) =>
          assert.ok(error instanceof KeyConflict),
        ),
      ]);
      assert.ok(revoked);
      assert.notEqual((await here.get(key.id))?.revokedAt, undefined, "a rotation must not bring a revoked key back");
    });

    await t.test("they are listed in the order in which they were made", async () => {
      const made = (await here.list()).map(({ createdAt }) => createdAt);
      assert.ok(made.length > 5);
      assert.deepEqual(
        made,
        made.toSorted((one, next) => one - next),
      );
    });
  });
