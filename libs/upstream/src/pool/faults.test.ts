// Faults as they happen, with real servers behind a real gateway: what its clients see of them, and how the pool recovers.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { ask, until } from "@tandem/platform/testing";
import { member, serviceOf, type Member, type Service } from "./service.testing.ts";

/** All get their full share: of twenty requests each has about that many, and everyone is served. */
async function isShared(service: Service, members: readonly Member[]): Promise<boolean> {
  const before = members.map(({ asked }) => asked);
  const answers = await service.ask(20 * members.length);
  return (
    Object.keys(answers).join() === "200" && members.every(({ asked }, index) => asked - (before[index] ?? 0) >= 15)
  );
}

for (const count of [2, 3])
  test(`one of ${count} is killed under load and comes back: no client sees it, and it has its full share again`, async (t) => {
    const members = await Promise.all(Array.from({ length: count }, () => member(t)));
    const [victim] = members;
    assert.ok(victim);
    const service = await serviceOf(t, members);
    const load = service.load(8);
    await until("all take part", () => members.every(({ asked }) => asked > 20));
    await victim.kill();
    await until("it is out", () => service.seen(victim).state === "unreachable");
    const asked = members.map((one) => one.asked);
    await until("the others go on", () =>
      members.every((one, index) => one === victim || one.asked > asked[index]! + 50),
    );
    await victim.start();
    const took = await until("it is in again", () => service.seen(victim).state === "healthy");
    const counts = await load.end();
    t.diagnostic(`${counts[200]} requests; in again ${took.toFixed(0)} ms after it was started`);
    assert.deepEqual(Object.keys(counts), ["200"]);
    assert.ok(await isShared(service, members));
    assert.equal(service.seen(victim).outlier?.heldAgainst, 0);
  });

test("one of two hangs: it costs a few time-outs, and nothing while it is out; then it is back in full", async (t) => {
  const [hung, other] = [await member(t), await member(t)];
  const service = await serviceOf(t, [hung, other], {
    rules: { health: { outlier: { base: "1s" } } },
    // Longer than a busy machine may keep the other one from answering.
    timeout: 750,
  });
  hung.answers = "never";
  const load = service.load(8);
  await until("it is ejected", () => service.seen(hung).state === "ejected");
  assert.deepEqual(
    service.seen(hung).failures.map(({ kind }) => kind),
    Array(5).fill("timeout"),
  );
  const { asked } = hung;
  await until("the other one goes on", () => other.asked > 100);
  const late = hung.asked - asked;
  hung.answers = "well";
  await until("it is in again", () => service.seen(hung).state === "healthy", { within: 20_000 });
  await until("both get their share", () => isShared(service, [hung, other]));
  const counts = await load.end();
  t.diagnostic(`${JSON.stringify(counts)}, ${late} asked after it was ejected`);
  assert.ok((counts[200] ?? 0) > 100);
});

test("one of two flaps: it is ejected for longer each time, and the other is never", async (t) => {
  const [flapping, other] = [await member(t), await member(t)];
  const service = await serviceOf(t, [flapping, other], {
    rules: { health: { outlier: { base: "700ms", most: "3s" } } },
  });
  flapping.answers = "503";
  const load = service.load(4);
  await until("it was ejected three times", () => service.seen(flapping).outlier?.ejections === 3, { within: 20_000 });
  assert.equal(service.seen(flapping).outlier?.heldAgainst, 3);
  assert.equal(service.seen(other).outlier?.ejections, 0);
  flapping.answers = "well";
  await until("it is in again", () => service.seen(flapping).state === "healthy", { within: 20_000 });
  await load.end();
  assert.ok(await isShared(service, [flapping, other]));
});

test("both of two fail: requests go to both, and whoever answers again is in at once", async (t) => {
  const members = [await member(t), await member(t)];
  const [first, second] = members;
  assert.ok(first && second);
  const service = await serviceOf(t, members);
  for (const one of members) one.answers = "503";
  await until("it is a panic", async () => {
    await service.ask(4);
    return service.pool.view().table.reason === "panic";
  });
  first.answers = "well";
  await until("the first one is in", async () => {
    await service.ask(2);
    return service.seen(first).state === "healthy";
  });
  await until("the second one is out", async () => {
    await service.ask(2);
    return service.seen(second).state === "ejected";
  });
  assert.deepEqual(await service.ask(20), { 200: 20 });
});

test("all are gone and come back", async (t) => {
  const members = [await member(t), await member(t)];
  const service = await serviceOf(t, members);
  await service.ask(10);
  for (const one of members) await one.kill();
  await service.ask(10);
  assert.deepEqual(Object.keys(await service.ask(10)), ["502"]);
  assert.equal(service.pool.view().table.reason, "panic");
  for (const one of members) await one.start();
  assert.deepEqual(await service.ask(10), { 200: 10 }, "nobody waits for a gateway that has lost hope");
  await until("both are in", () => members.every((one) => service.seen(one).state === "healthy"));
  assert.equal(service.pool.view().table.reason, "normal");
});

test("one of two is slow: it is seen in its latency, and held against it in no other way", async (t) => {
  const [slow, fast] = [await member(t), await member(t)];
  const service = await serviceOf(t, [slow, fast]);
  slow.answers = "slowly";
  // A machine that is busy for a moment slows both alike.
  await until("it is seen", async () => {
    assert.deepEqual(await service.ask(20), { 200: 20 });
    return service.seen(slow).latencyMs > service.seen(fast).latencyMs;
  });
  assert.deepEqual([service.seen(slow).state, service.seen(slow).failed], ["healthy", 0]);
});

test("clients that leave are no failure, and are not counted as under way any more", async (t) => {
  const only = await member(t);
  const service = await serviceOf(t, [only], { rules: { limit: { requests: 20 } } });
  only.answers = "never";
  const clients = Array.from({ length: 20 }, () => {
    const socket = connect(service.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    return socket;
  });
  await until("all are under way", () => only.busy === 20);
  const refused = await ask(service.port, "/");
  assert.deepEqual([refused.status, refused.json.type], [503, "urn:tandem:problem:upstream.overloaded"]);
  assert.ok(Number(refused.headers["retry-after"]) > 0);
  for (const client of clients) client.destroy();
  await until("none is under way", () => service.pool.view().inFlight === 0);
  const { failed, inFlight, outlier } = service.seen(only);
  assert.deepEqual([failed, inFlight, outlier?.consecutive], [0, 0, 0]);
  only.answers = "well";
  assert.deepEqual(await service.ask(20), { 200: 20 });
});

test("a limit lets as many through as it says, and never more", async (t) => {
  const members = [await member(t), await member(t)];
  const service = await serviceOf(t, members, { rules: { limit: { requests: 6 } } });
  for (const one of members) one.answers = "never";
  const statuses: number[] = [];
  const answers = Array.from({ length: 20 }, async () => {
    const { status } = await ask(service.port, "/");
    statuses.push(status);
  });
  await until("all others are refused", () => statuses.length === 14 && service.pool.view().inFlight === 6);
  for (const one of members) one.relent();
  await Promise.all(answers);
  assert.deepEqual(statuses, [...Array<number>(14).fill(503), ...Array<number>(6).fill(200)]);
  assert.equal(
    members.reduce((sum, { asked }) => sum + asked, 0),
    6,
  );
});

test("a breaker that is half open lets exactly one through, however many ask", async (t) => {
  const only = await member(t);
  const rules = { health: { outlier: false }, breaker: { minRequests: 5, rest: "3s" } } as const;
  const service = await serviceOf(t, [only], { rules });
  only.answers = "503";
  await until("it is open", async () => {
    await service.ask(5);
    return service.seen(only).state === "breaker-open";
  });
  const { asked } = only;
  const answer = await ask(service.port, "/");
  if (only.asked === asked) assert.equal(answer.json.type, "urn:tandem:problem:upstream.breaker-open");
  only.answers = "never";
  // Its trial lasts for as long as the rest: fifty have to come meanwhile.
  await until("it is half open", () => service.seen(only).state === "half-open");
  const before = only.asked;
  const clients = Array.from({ length: 50 }, () => connect(service.port, "127.0.0.1"));
  const answers = clients.map(
    (client) =>
      new Promise<string>((resolve) => {
        client.once("data", (bytes) => resolve(bytes.toString("latin1", 9, 12)));
        client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      }),
  );
  let refused = 0;
  for (const one of answers) void one.then((status) => status === "503" && refused++);
  await until("all others are refused", () => refused === 49);
  assert.equal(only.asked - before, 1);
  for (const client of clients) client.destroy();
});
