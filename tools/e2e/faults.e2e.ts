// The table of faults, run for real: processes that are killed, frozen, slow or wrong, behind both tiers.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FaultySetup, gatewayUrl } from "./faults-setup.ts";
import { ask } from "./http.ts";
import { startLoad } from "./steady-load.ts";
import { until } from "./until.ts";

describe("instances that fail", { timeout: 240_000 }, () => {
  const setup = new FaultySetup();
  before(() => setup.open());
  after(() => setup.close());
  afterEach(async () => {
    for (const name of ["one", "two"] as const) await setup.temper(name);
  });

  const sides = async (path: string, times: number): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (let turn = 0; turn < times; turn++) {
      const { headers } = await ask(gatewayUrl + path);
      const name = String(headers["x-instance"]);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };

  /** Under load, which must not notice, unless told that it may. */
  const under = async (t: TestContext, path: string, act: () => Promise<void>): Promise<void> => {
    const load = startLoad(t, gatewayUrl + path);
    await sleep(300);
    await act();
    const { asked, failures } = await load.stop();
    t.diagnostic(`${asked} requests, ${failures.length} failed`);
    assert.ok(asked > 20);
    assert.deepEqual(failures, []);
  };

  test("one of two is killed: no request fails, and once it is back it takes part again", async (t) => {
    await under(t, "/pair/x", async () => {
      await setup.kill("one");
      await sleep(1_500);
      await setup.start("one");
      await until("it is asked again", async () => (await setup.seen("one")) > 0, { within: 10_000 });
    });
  });

  test("one of two is killed while it works on requests: they are answered by the other", async (t) => {
    await setup.temper("one", { slowness: 150 });
    await under(t, "/pair/x", async () => {
      for (let round = 0; round < 3; round++) {
        await setup.kill("one");
        await sleep(300);
        await setup.start("one");
        await setup.temper("one", { slowness: 150 });
        await sleep(300);
      }
    });
  });

  test("one of two flaps: no request fails", async (t) => {
    await under(t, "/pair/x", async () => {
      for (let round = 0; round < 6; round++) {
        await setup.kill("two");
        await sleep(150);
        await setup.start("two");
        await sleep(150);
      }
    });
  });

  test("one of two hangs: requests are answered by the other, and soon it is asked no more", async (t) => {
    await under(t, "/patient/x", async () => {
      setup.freeze("one");
      await until(
        "it is ejected",
        async () => (await setup.pool("patient")).instances.some(({ state }: { state: string }) => state === "ejected"),
        {
          within: 10_000,
        },
      );
      setup.thaw("one");
      const before = await setup.seen("one");
      await until("it is asked again", async () => (await setup.seen("one")) > before + 5, { within: 20_000 });
    });
  });

  test("one of two is slow: it is asked less", async (t) => {
    await setup.temper("two", { slowness: 150 });
    await sides("/quick/x", 20);
    const counts = await sides("/quick/x", 60);
    t.diagnostic(JSON.stringify(counts));
    assert.ok((counts["one"] ?? 0) > 2 * (counts["two"] ?? 0));
    await setup.temper("two");
    await until("it is found quick again", async () => ((await sides("/quick/x", 20))["two"] ?? 0) > 4, {
      within: 40_000,
    });
  });

  test("an answer that breaks off in its middle never passes for a whole one", async () => {
    for (let turn = 0; turn < 10; turn++) await assert.rejects(ask(`${gatewayUrl}/pair/half`));
    assert.equal((await ask(`${gatewayUrl}/pair/x`)).status, 200);
  });

  test("what changes something is never done twice", async () => {
    const counted = async () => (await setup.seen("one", "POST")) + (await setup.seen("two", "POST"));
    const before = await counted();
    for (const name of ["one", "two"] as const) await setup.temper(name, { status: 503 });
    for (let turn = 0; turn < 10; turn++)
      assert.equal((await ask(`${gatewayUrl}/patient/x`, { method: "POST", body: "pay" })).status, 503);
    assert.equal((await counted()) - before, 10);
  });

  test("everybody fails: retries add no more to the load than their budget", async (t) => {
    const counted = async () => (await setup.seen("one")) + (await setup.seen("two"));
    for (const name of ["one", "two"] as const) await setup.temper(name, { status: 503 });
    const before = await counted();
    for (let turn = 0; turn < 200; turn++) assert.equal((await ask(`${gatewayUrl}/poor/x`)).status, 503);
    const tries = (await counted()) - before;
    t.diagnostic(`200 requests, ${tries} tries`);
    assert.ok(tries > 200 && tries <= 220);
  });

  test("both fail for long: they are given a rest, and then tried one request at a time", async () => {
    for (const name of ["one", "two"] as const) await setup.temper(name, { status: 503 });
    await until(
      "the breaker is open",
      async () => (await ask(`${gatewayUrl}/rested/x`)).json?.type === "urn:tandem:problem:upstream.breaker-open",
      { within: 10_000 },
    );
    for (const name of ["one", "two"] as const) await setup.temper(name);
    await until("they serve again", async () => (await ask(`${gatewayUrl}/rested/x`)).status === 200, {
      within: 10_000,
    });
  });

  test("all are gone: the client is told so at once, and served again as soon as one is back", async () => {
    await setup.kill("one");
    await setup.kill("two");
    const gone = await ask(`${gatewayUrl}/pair/x`);
    assert.equal(gone.status, 502);
    assert.equal(gone.json.type, "urn:tandem:problem:upstream.refused");
    await setup.start("two");
    const ms = await until("it is served", async () => (await ask(`${gatewayUrl}/pair/x`)).status === 200, {
      within: 5_000,
    });
    assert.ok(ms < 5_000);
    await setup.start("one");
    await until("the other takes part", async () => ((await sides("/pair/x", 10))["one"] ?? 0) > 0, { within: 40_000 });
  });
});
