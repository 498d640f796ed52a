import assert from "node:assert/strict";
import { test } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { createScryptHash } from "../issuers/scrypt-hash.ts";
import { tokenEndpoints } from "./stage.ts";
import { clientOf, openTestIssuer, protocols } from "./testing.ts";

const cost = { N: 16_384, r: 8, p: 1 };
const grant = { grant_type: "client_credentials" };
/** So many that each has its turn within the ten seconds of their line, also on a slow machine. */
const people = Array.from({ length: 12 }, (_, count) => `person-${count}`);

for (const { name, asking } of protocols)
  test(`${name}: a dozen secrets that take long to check stall nobody else`, async (t) => {
    const clients = await Promise.all(
      people.map(async (id) => clientOf(id, { secretHash: await createScryptHash(`${id}-secret`, cost) })),
    );
    const { issuer } = await openTestIssuer(t, { clients });
    const ask = await asking(t, [hygiene({ from: "strangers" }), tokenEndpoints({ issuer, store: new MemoryStore() })]);
    for (let count = 0; count < 5; count++) await ask("/oauth/token", grant, "app");

    const began = performance.now();
    const slow = people.map((id) => ask("/oauth/token", grant, id));
    const state = { over: false };
    const all = Promise.all(slow).finally(() => (state.over = true));
    const times: number[] = [];
    while (!state.over) {
      const start = performance.now();
      assert.equal((await ask("/oauth/token", grant, "app")).status, 200);
      times.push(performance.now() - start);
    }
    assert.deepEqual(
      (await all).map(({ status }) => status),
      people.map(() => 200),
    );
    const took = performance.now() - began;
    times.sort((one, other) => one - other);
    const median = times[times.length >> 1] ?? Infinity;
    t.diagnostic(
      `${times.length} requests in ${took.toFixed(0)} ms: median ${median.toFixed(1)} ms, worst ${times.at(-1)?.toFixed(1)} ms`,
    );
    // Behind the dozen it would be a single one, and the last of all.
    assert.ok(times.length >= 20, `only ${times.length} requests came through meanwhile`);
    assert.ok(median < took / 10, `the median was ${median} of ${took} ms`);
  });
