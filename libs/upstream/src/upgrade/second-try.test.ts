// A connection that one instance does not take is another one's only by the rules that hold for every request.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { rawRequest } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { roundRobin } from "../balance/round-robin.ts";
import { createDispatcher } from "../connections/dispatcher.ts";
import { staticDiscovery } from "../discovery/static-discovery.ts";
import { deadOrigin, hopTo, instanceAt, persisting, rawUpstream } from "../exchange/testing.ts";
import type { Hop } from "../exchange/hop.ts";
import type { RequestRecord } from "@tandem/kernel/record";
import { createPool } from "../pool/pool.ts";
import { mildRules } from "../pool/rules.ts";
import { upgradesTo } from "./testing.ts";

const handshake =
  "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

type Retry = Parameters<typeof persisting>[0];

/** Refuses every handshake, so that its answer tells who was asked. */
const refusing = (t: TestContext): Promise<string> =>
  rawUpstream(t, (socket) => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"));

const tries = (record: RequestRecord | undefined): (string | number)[][] =>
  (record?.attempts ?? []).map(({ reason, outcome, status, withheld }) =>
    [reason, outcome, status, withheld].filter((part) => part !== undefined),
  );

const cases: { name: string; resilience: Retry; status: number; attempts: (string | number)[][] }[] = [
  {
    name: "is tried once more where the service says nothing against it",
    resilience: {},
    status: 403,
    attempts: [["refused"], ["retry", "answered", 403]],
  },
  {
    name: "is tried once where the service asks for one attempt",
    resilience: { retry: { attempts: 1 } },
    status: 502,
    attempts: [["refused"]],
  },
  {
    name: "is tried once where the service does not retry connections",
    resilience: { retry: { on: ["reset"] } },
    status: 502,
    attempts: [["refused"]],
  },
  {
    name: "is tried once where the budget is spent, and the record says so",
    resilience: { retry: { budget: { ratio: 0, min: 0 } } },
    status: 502,
    attempts: [["refused", "budget"]],
  },
];
for (const { name, resilience, status, attempts } of cases)
  test(`a WebSocket that is refused a connection ${name}`, async (t) => {
    const instances = [instanceAt(t, await deadOrigin()), instanceAt(t, await refusing(t))];
    const { gateway, records } = upgradesTo(instances, { resilience: persisting(resilience) });
    assert.match(await rawRequest(t, gateway, handshake), new RegExp(`^HTTP/1\\.1 ${status} `));
    await until("the record", () => records.length === 1);
    assert.deepEqual(tries(records[0]), attempts);
    for (const { inFlight } of instances) assert.equal(inFlight, 0);
  });

test("a WebSocket counts in the budget, and what it takes of it is gone", async (t) => {
  const instances = [instanceAt(t, await deadOrigin()), instanceAt(t, await refusing(t))];
  const resilience = persisting({ retry: { budget: { ratio: 0.5, min: 0 } } });
  const { gateway, records } = upgradesTo(instances, { resilience });
  for (const status of [502, 403, 502, 403])
    assert.match(await rawRequest(t, gateway, handshake), new RegExp(`^HTTP/1\\.1 ${status} `));
  await until("the records", () => records.length === 4);
});

test("where nobody else is there the record says so", async (t) => {
  const { gateway, records } = upgradesTo([instanceAt(t, await deadOrigin())]);
  assert.match(await rawRequest(t, gateway, handshake), /^HTTP\/1\.1 502 /);
  await until("the record", () => records.length === 1);
  assert.deepEqual(tries(records[0]), [["refused", "no-instance"]]);
});

test("the first try's own place within the limit is the second one's", async (t) => {
  const origins = [await deadOrigin(), await refusing(t)];
  const pool = createPool({
    name: "orders",
    discovery: staticDiscovery(origins.map((origin) => ({ id: origin, origin, weight: 1 }))),
    balance: roundRobin({ random: () => 0 }),
    dispatcherFor: (origin) => createDispatcher(origin),
    rules: { ...mildRules, most: 1 },
  });
  t.after(() => pool.close());
  await pool.ready;
  const first = pool.instances[0]!;
  const hop: Pick<Hop, "pool"> = {
    pool: {
      ...pool,
      pick: (exchange, tried) => (tried.length === 0 ? first : pool.pick(exchange, tried)),
      restsFor: 0,
    },
  };
  const { gateway, records } = upgradesTo([], { hop: { ...hopTo([]), ...hop } });
  assert.match(await rawRequest(t, gateway, handshake), /^HTTP\/1\.1 403 /);
  await until("the record", () => records.length === 1);
  assert.deepEqual(tries(records[0]), [["refused"], ["retry", "answered", 403]]);
  assert.equal(pool.view().inFlight, 0);
});
