import assert from "node:assert/strict";
import { request as send, type IncomingMessage, type ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import type { RequestRecord } from "@tandem/kernel/record";
import { request, serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import type { Instance } from "../pool/instance.ts";
import { gatewayTo, hopTo, instanceAt, persisting, rawUpstream, upstream } from "./testing.ts";

/** What the two instances may wait for. */
interface Bed {
  /** The second has been asked. */
  readonly hedged: Promise<void>;
  /** Which of them lost the connection before its answer was whole. */
  readonly closed: string[];
  /** As the gateway sees them. */
  readonly instances: Instance[];
}
type Answer = (asked: IncomingMessage, response: ServerResponse, bed: Bed) => unknown;

const notes = (record: RequestRecord | undefined): string[] =>
  (record?.attempts ?? []).map(({ reason, outcome, status }) => [reason, outcome, status].filter(Boolean).join(" "));

/** Two instances, the second of which is asked when the first says nothing. */
async function hedged(t: TestContext, answers: [Answer, Answer], options: Parameters<typeof persisting>[0] = {}) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const bed: Bed = { hedged: promise, closed: [], instances: [] };
  const behind = async (name: string, answer: Answer): Promise<string> =>
    upstream(t, (asked, response) => {
      if (name === "second") resolve();
      response.once("close", () => void (response.writableFinished || bed.closed.push(name)));
      return answer(asked, response, bed);
    });
  const origins = [await behind("first", answers[0]), await behind("second", answers[1])];
  const { instances } = bed;
  instances.push(...origins.map((origin) => instanceAt(t, origin)));
  const resilience = persisting({ hedge: { after: "30ms" }, ...options });
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience }));
  return { gateway, records, instances, closed: bed.closed };
}

const never: Answer = () => {};
const saying =
  (text: string, status = 200): Answer =>
  (_, response) =>
    response.writeHead(status).end(text);
const reset: Answer = ({ socket }) => socket.resetAndDestroy();
const onceHedged =
  (answer: Answer): Answer =>
  async (asked, response, bed) => {
    await bed.hedged;
    answer(asked, response, bed);
  };
/** Once both were asked, and the other is over for the gateway. */
const afterTheOther =
  (other: 0 | 1, answer: Answer): Answer =>
  async (asked, response, bed) => {
    await bed.hedged;
    await until("the other is over", () => bed.instances[other]!.inFlight === 0);
    answer(asked, response, bed);
  };

test("a read that nobody answers is asked of another instance too, and the first answer counts", async (t) => {
  const { gateway, records, instances, closed } = await hedged(t, [never, saying("second")]);
  assert.equal((await request(t, gateway)).text, "second");
  await until("the first hears of it", () => closed.includes("first"));
  assert.deepEqual(notes(records[0]), ["aborted", "hedge answered 200"]);
  assert.deepEqual(
    instances.map(({ inFlight }) => inFlight),
    [0, 0],
  );
});

test("where the first is quicker after all, the second is given up", async (t) => {
  const { gateway, records, closed } = await hedged(t, [onceHedged(saying("first")), never]);
  assert.equal((await request(t, gateway)).text, "first");
  await until("the other hears of it", () => closed.includes("second"));
  assert.deepEqual(notes(records[0]), ["answered 200", "hedge aborted"]);
});

test("a quick answer is never hedged", async (t) => {
  const { gateway, records } = await hedged(t, [saying("first"), never], { hedge: { after: "4s" } });
  for (let turn = 0; turn < 5; turn++) assert.equal((await request(t, gateway)).text, "first");
  assert.deepEqual(
    records.map(notes).flat(),
    Array.from({ length: 5 }, () => "answered 200"),
  );
});

for (const { name, method, body } of [
  { name: "a POST", method: "POST" },
  { name: "a PUT", method: "PUT" },
  { name: "a GET with a body", method: "GET", body: "x" },
])
  test(`${name} is never asked of two`, async (t) => {
    const slow: Answer = (_, response) => setTimeout(() => response.end("first"), 150);
    const { gateway, records } = await hedged(t, [slow, saying("second")]);
    const headers = body ? { "content-length": "1" } : {};
    assert.equal((await request(t, gateway, { method, headers, ...(body && { body }) })).text, "first");
    assert.equal(records[0]?.attempts.length, 1);
  });

test("while one of two goes on, the failure of the other is nobody's business", async (t) => {
  const { gateway, records } = await hedged(t, [onceHedged(reset), afterTheOther(0, saying("second"))]);
  assert.equal((await request(t, gateway)).text, "second");
  assert.deepEqual(notes(records[0]), ["reset", "hedge answered 200"]);
});

test("a hedge that fails leaves the first alone", async (t) => {
  const { gateway, records } = await hedged(t, [afterTheOther(1, saying("first")), reset]);
  assert.equal((await request(t, gateway)).text, "first");
  assert.deepEqual(notes(records[0]), ["answered 200", "hedge reset"]);
});

test("an answer that would be retried loses to the one that is awaited", async (t) => {
  const first = afterTheOther(1, saying("first"));
  const { gateway, records } = await hedged(t, [first, saying("busy", 503)], { retry: { on: [503] } });
  assert.equal((await request(t, gateway)).text, "first");
  assert.deepEqual(notes(records[0]), ["answered 200", "hedge answered 503"]);
});

test("a failure loses to the answer that is awaited, whatever is retried; the last one is told", async (t) => {
  for (const status of [200, 500]) {
    const slowly = afterTheOther(1, saying("first", status));
    const { gateway, records } = await hedged(t, [slowly, saying("busy", 503)]);
    assert.equal((await request(t, gateway)).text, "first");
    assert.deepEqual(notes(records[0]), [`answered ${status}`, "hedge answered 503"]);
  }
});

test("when both fail, the last failure is told", async (t) => {
  const { gateway, records, instances } = await hedged(t, [onceHedged(reset), afterTheOther(0, reset)]);
  assert.equal((await request(t, gateway)).json.type, "urn:tandem:problem:upstream.failed");
  assert.deepEqual(notes(records[0]), ["reset", "hedge reset"]);
  assert.deepEqual(
    instances.map(({ inFlight }) => inFlight),
    [0, 0],
  );
});

test("where there is nobody else, the first is waited for", async (t) => {
  const origin = await upstream(t, (_, response) => setTimeout(() => response.end("alone"), 100));
  const instance = instanceAt(t, origin);
  const { gateway } = gatewayTo(hopTo([instance], { resilience: persisting({ hedge: { after: "20ms" } }) }));
  assert.equal((await request(t, gateway)).text, "alone");
});

test("hedges spend of the same budget as retries", async (t) => {
  const budget = { ratio: 0, min: 0 };
  const slow: Answer = (_, response) => setTimeout(() => response.end("first"), 150);
  const { gateway, records } = await hedged(t, [slow, saying("second")], { retry: { budget } });
  assert.equal((await request(t, gateway)).text, "first");
  assert.equal(records[0]?.attempts[0]?.withheld, "budget");
});

test("a client that leaves takes both with it", async (t) => {
  const { gateway, records, instances, closed } = await hedged(t, [never, never]);
  const sent = send({ host: "127.0.0.1", port: await serve(t, gateway), agent: false }).end();
  sent.on("error", () => {});
  await until("both are asked", () => instances.every(({ inFlight }) => inFlight === 1));
  sent.destroy();
  await until("both hear of it", () => closed.length === 2 && records.length === 1);
  assert.deepEqual(notes(records[0]), ["aborted", "hedge aborted"]);
});

test("the time for all ends both", async (t) => {
  const { gateway, records, instances } = await hedged(t, [never, never], { totalTimeout: "600ms" });
  assert.equal((await request(t, gateway)).status, 504);
  assert.equal(records[0]?.attempts.length, 2);
  assert.ok(records[0].attempts.some(({ expired }) => expired === "total"));
  assert.deepEqual(
    instances.map(({ inFlight }) => inFlight),
    [0, 0],
  );
});

test("an answer that makes no sense does not win", async (t) => {
  const senseless = await rawUpstream(t, (s) => s.write("HTTP/1.1 200 OK\r\ncontent-length: 01\r\n\r\nx"));
  const slow = await upstream(t, (_, response) => setTimeout(() => response.end("first"), 200));
  const instances = [instanceAt(t, slow), instanceAt(t, senseless)];
  const { gateway } = gatewayTo(hopTo(instances, { resilience: persisting({ hedge: { after: "30ms" } }) }));
  assert.equal((await request(t, gateway)).text, "first");
});
