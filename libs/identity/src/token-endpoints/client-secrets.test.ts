import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { fixedClock } from "@tandem/platform/testing";
import { issuersSchema } from "../issuers/config.ts";
import { createScryptHash } from "../issuers/scrypt-hash.ts";
import { ClientSecrets } from "./client-secrets.ts";

/** The least that is accepted, for tests to be quick. */
const cost = { N: 16_384, r: 8, p: 1 };
const sha256 = (secret: string): string => `sha256:${hash("sha256", secret)}`;

const line = { inside: 1, waiting: 12, each: 8, patience: 10_000 };
const here = "192.0.2.1";

function secretsOf(clients: readonly object[], clock = fixedClock()): ClientSecrets {
  const [issuer] = issuersSchema.parse([
    { name: "local", type: "embedded", issuer: "https://gateway.test", audience: "demo", keys: "keys", clients },
  ]);
  assert.ok(issuer?.type === "embedded");
  return new ClientSecrets(issuer.clients, clock, line);
}

/** Milliseconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

test("each of two secrets of a client is right, of whatever kind, and no other", async () => {
  const clients = [
    { id: "both", secretHash: [sha256("old"), await createScryptHash("new", cost)] },
    { id: "young", secretHash: [sha256("one"), sha256("two")] },
    { id: "old", secretHash: [await createScryptHash("one", cost), await createScryptHash("two", cost)] },
  ];
  const secrets = secretsOf(clients);
  const cases: [id: string, secret: string, isRight: boolean][] = [
    ["both", "old", true],
    ["both", "new", true],
    ["both", "one", false],
    ["young", "one", true],
    ["young", "two", true],
    ["young", "", false],
    ["old", "one", true],
    ["old", "two", true],
    ["old", "three", false],
    ["nobody", "one", false],
  ];
  for (const [id, secret, isRight] of cases)
    assert.equal(await secrets.isRight(id, secret, here), isRight, `${id} ${secret}`);
});

test("a right secret is worked out once in a minute, a wrong one each time", async () => {
  const clock = fixedClock();
  const secrets = secretsOf([{ id: "person", secretHash: await createScryptHash("chosen", cost) }], clock);
  const right = () => secrets.isRight("person", "chosen", here);
  const first = await timeOf(right);
  clock.advance(59_999);
  const again = await timeOf(async () => {
    for (let count = 0; count < 10; count++) assert.ok(await right());
  });
  assert.ok(again < first, `ten repeats took ${again} ms, the first ${first} ms`);
  clock.advance(1);
  const later = await timeOf(right);
  assert.ok(later > again, `after a minute it took ${later} ms, ten repeats before ${again} ms`);
  assert.equal(await secrets.isRight("person", "Chosen", here), false);
});

test("what is remembered of one client is of no use under another name", async () => {
  const secrets = secretsOf([{ id: "a", secretHash: await createScryptHash("b:c", cost) }]);
  const [real, other] = await Promise.all([secrets.isRight("a", "b:c", here), secrets.isRight("a:b", "c", here)]);
  assert.deepEqual([real, other], [true, false]);
  assert.equal(await secrets.isRight("a:b", "c", here), false);
  assert.equal(await secrets.isRight("ab", ":c", here), false);
});

test("the same secret of the same client is worked out once, however many ask", async () => {
  const secrets = secretsOf([{ id: "person", secretHash: await createScryptHash("chosen", cost) }]);
  const one = await timeOf(() => secrets.isRight("person", "wrong", here));
  const cpu = process.cpuUsage();
  const all = await Promise.all(Array.from({ length: 100 }, () => secrets.isRight("person", "chosen", here)));
  const { user } = process.cpuUsage(cpu);
  assert.ok(all.every(Boolean));
  assert.ok(user / 1000 < 30 * Math.max(one, 20), `100 of one secret took ${user / 1000} ms, one takes ${one} ms`);
});

test("a wrong secret costs the same work, whatever the client is registered with, and whether there is one", async () => {
  const secrets = secretsOf([
    { id: "person", secretHash: await createScryptHash("chosen", cost) },
    { id: "two", secretHash: [await createScryptHash("one", cost), await createScryptHash("two", cost)] },
    { id: "machine", secretHash: sha256("generated") },
  ]);
  await secrets.isRight("person", "warm", here);
  const took = new Map<string, number>();
  for (const id of ["person", "two", "machine", "nobody"]) {
    // The least of several: what a busy machine adds is no work of ours.
    const times: number[] = [];
    for (let count = 0; count < 5; count++) {
      const cpu = process.cpuUsage();
      assert.equal(await secrets.isRight(id, `wrong ${count}`, here), false);
      times.push(process.cpuUsage(cpu).user);
    }
    took.set(id, Math.min(...times));
  }
  const [least, most] = [Math.min(...took.values()), Math.max(...took.values())];
  assert.ok(least > most / 2, JSON.stringify(Object.fromEntries(took)));
});

test("a generated secret that is right waits for nobody, and too many who wait are told so", async () => {
  const secrets = secretsOf([
    { id: "person", secretHash: await createScryptHash("chosen", cost) },
    { id: "machine", secretHash: sha256("generated") },
  ]);
  const crowd = Array.from({ length: 12 }, (_, count) => secrets.isRight("person", `guess ${count}`, here));
  const settled = Promise.allSettled(crowd);
  const quick = await timeOf(async () => assert.ok(await secrets.isRight("machine", "generated", here)));
  assert.ok(quick < 50, `it took ${quick} ms`);
  await assert.rejects(secrets.isRight("nobody", "one more", here), { code: "identity.unavailable", status: 503 });
  const state = { left: 9 };
  for (const one of crowd) one.then(() => state.left--).catch(() => {});
  // Whoever guesses is in nobody's way who comes from elsewhere.
  assert.ok(await secrets.isRight("person", "chosen", "192.0.2.2"));
  assert.ok(state.left >= 5, `it was its turn when ${state.left} of a crowd of 9 were left`);
  const outcomes = (await settled).map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "unavailable"));
  assert.deepEqual(outcomes, [...Array<boolean>(9).fill(false), ...Array<string>(3).fill("unavailable")]);
});
