import assert from "node:assert/strict";
import { once } from "node:events";
import { request as requestOf, type IncomingMessage, type ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { listening } from "@tandem/kernel/listener/testing";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import { rawRequest, request, serve } from "@tandem/kernel/testing";
import { ask, until } from "@tandem/platform/testing";
import { send } from "./send.ts";
import { deadOrigin, gatewayTo, hopTo, instanceAt, persisting, rawUpstream, upstream } from "./testing.ts";

const echo = async (asked: IncomingMessage, response: ServerResponse): Promise<unknown> =>
  response.end(`other ${Buffer.concat(await asked.toArray()).toString()}`.trimEnd());

const resetting = (t: TestContext): Promise<string> => rawUpstream(t, (socket) => socket.resetAndDestroy());

const silent = (t: TestContext): Promise<string> => rawUpstream(t, () => {});

const answering = (t: TestContext, status: number, headers: Record<string, string> = {}): Promise<string> =>
  upstream(t, (asked, response) => {
    asked.resume();
    response.writeHead(status, headers).end("no");
  });

const outcomes = (record: RequestRecord | undefined): string[] =>
  (record?.attempts ?? []).map(({ reason, outcome, status }) => [reason, outcome, status].filter(Boolean).join(" "));

interface Case {
  readonly name: string;
  readonly first: (t: TestContext) => Promise<string>;
  readonly on: ("connect" | "reset" | "timeout" | 408 | 425 | 429 | 500 | 502 | 503 | 504)[];
  readonly method?: string;
  readonly body?: string;
  readonly methods?: ("GET" | "POST")[];
  readonly expected: string;
  readonly attempts: string[];
}

const cases: Case[] = [
  {
    name: "a connection that breaks",
    first: resetting,
    on: ["reset"],
    expected: "200 other",
    attempts: ["reset", "retry answered 200"],
  },
  {
    name: "a connection that breaks, unless it is named",
    first: resetting,
    on: ["connect"],
    expected: "502",
    attempts: ["reset"],
  },
  {
    name: "half a head",
    first: (t) => rawUpstream(t, (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-le")),
    on: ["reset"],
    expected: "200 other",
    attempts: ["reset", "retry answered 200"],
  },
  {
    name: "a head that makes no sense",
    first: (t) => rawUpstream(t, (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 01\r\n\r\nx")),
    on: ["reset"],
    expected: "200 other",
    attempts: ["reset 200", "retry answered 200"],
  },
  {
    name: "silence",
    first: silent,
    on: ["timeout"],
    expected: "200 other",
    attempts: ["timeout", "retry answered 200"],
  },
  {
    name: "silence, unless it is named",
    first: silent,
    on: ["connect", "reset"],
    expected: "504",
    attempts: ["timeout"],
  },
  {
    name: "a status that is named",
    first: (t) => answering(t, 503),
    on: [503],
    expected: "200 other",
    attempts: ["answered 503", "retry answered 200"],
  },
  {
    name: "a status that is not named",
    first: (t) => answering(t, 500),
    on: [503],
    expected: "500 no",
    attempts: ["answered 500"],
  },
  {
    name: "503 with no need to wait",
    first: (t) => answering(t, 503, { "retry-after": "0" }),
    on: [503],
    expected: "200 other",
    attempts: ["answered 503", "retry answered 200"],
  },
  {
    name: "503 that asks for more patience than anybody has",
    first: (t) => answering(t, 503, { "retry-after": "120" }),
    on: [503],
    expected: "503 no",
    attempts: ["answered 503"],
  },
  {
    name: "a PUT with its body",
    first: (t) => answering(t, 503),
    on: [503],
    method: "PUT",
    body: "hello",
    expected: "200 other hello",
    attempts: ["answered 503", "retry answered 200"],
  },
  {
    name: "a POST",
    first: resetting,
    on: ["reset"],
    method: "POST",
    body: "hello",
    expected: "502",
    attempts: ["reset"],
  },
  {
    name: "a POST that is named",
    first: resetting,
    on: ["reset"],
    method: "POST",
    methods: ["POST"],
    body: "hello",
    expected: "200 other hello",
    attempts: ["reset", "retry answered 200"],
  },
  {
    name: "a PUT with too much to hold",
    first: resetting,
    on: ["reset"],
    method: "PUT",
    body: "x".repeat(2_000),
    expected: "502",
    attempts: ["reset"],
  },
];

for (const { name, first, on, method = "GET", body, methods, expected, attempts } of cases)
  test(`on ${on.join(", ")}: ${name} is ${attempts.length === 2 ? "tried elsewhere" : "told"}`, async (t) => {
    const instances = [instanceAt(t, await first(t)), instanceAt(t, await upstream(t, echo))];
    const resilience = persisting({ retry: { on, bodyLimit: "1KiB", ...(methods && { methods }) } });
    const hop = hopTo(instances, { firstByte: first === silent ? 1_000 : 5_000, resilience });
    const { gateway, records } = gatewayTo(hop);
    const headers = body === undefined ? {} : { "content-length": String(body.length) };
    const answer = await request(t, gateway, { method, headers, ...(body !== undefined && { body }) });
    assert.equal(answer.json ? String(answer.status) : `${answer.status} ${answer.text}`, expected);
    await until("the record", () => records.length === 1);
    assert.deepEqual(outcomes(records[0]), attempts);
    assert.equal(records[0]?.bytesIn, body?.length ?? 0);
    assert.deepEqual(
      instances.map(({ inFlight }) => inFlight),
      [0, 0],
    );
  });

test("chunks are streamed as they come, and never sent twice", async (t) => {
  const instances = [instanceAt(t, await resetting(t)), instanceAt(t, await upstream(t, echo))];
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience: persisting() }));
  const bytes =
    "PUT / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
  assert.match(await rawRequest(t, gateway, bytes), /^HTTP\/1\.1 502 /);
  assert.equal(records[0]?.attempts.length, 1);
});

test("a held body that breaks off reaches nobody", async (t) => {
  let asked = 0;
  const origin = await upstream(t, () => void asked++);
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin)], { resilience: persisting() }));
  const text = await rawRequest(t, gateway, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf");
  assert.doesNotMatch(text, /^HTTP\/1\.1 2/);
  await until("the record", () => records.length === 1);
  assert.deepEqual([asked, records[0]?.attempts.length], [0, 0]);
});

test("a client that waits to be asked for its body is asked before it is held", async (t) => {
  const instances = [instanceAt(t, await resetting(t)), instanceAt(t, await upstream(t, echo))];
  const hop = hopTo(instances, { resilience: persisting() });
  const last: Stage = { name: "send", run: (exchange) => exchange.act("send", () => send(exchange, hop)) };
  const { port } = await listening(t, { stages: [hygiene({ from: "strangers" }), last] });
  const headers = { "content-length": "5", expect: "100-continue" };
  const sent = requestOf({ host: "127.0.0.1", port, method: "PUT", headers, agent: false });
  sent.flushHeaders();
  await once(sent, "continue");
  sent.end("hello");
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  assert.equal(Buffer.concat(await answer.toArray()).toString(), "other hello");
});

test("when tries run out, the last answer is told as it is", async (t) => {
  const origins = await Promise.all([answering(t, 502), answering(t, 503, { "x-last": "1" }), answering(t, 504)]);
  const instances = origins.map((origin) => instanceAt(t, origin));
  const resilience = persisting({ retry: { on: [502, 503, 504] } });
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience }));
  const { status, text, headers } = await request(t, gateway);
  assert.deepEqual([status, text, headers["x-last"]], [503, "no", "1"]);
  assert.deepEqual(outcomes(records[0]), ["answered 502", "retry answered 503"]);
});

test("an answer of the only instance is told, and never asked for again", async (t) => {
  let asked = 0;
  const origin = await upstream(t, (_, response) => response.writeHead(503).end(String(++asked)));
  const resilience = persisting({ retry: { on: [503] } });
  const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin)], { resilience }));
  const { status, text } = await request(t, gateway);
  assert.deepEqual([status, text, records[0]?.attempts[0]?.withheld], [503, "1", "no-instance"]);
});

test("what an answer that nobody wants has left is read, and its connection used again", async (t) => {
  let connections = 0;
  const busy = await rawUpstream(t, (socket, _, earlier) => {
    if (earlier === 0) connections++;
    socket.write("HTTP/1.1 503 Busy\r\ncontent-length: 10000\r\n\r\n");
    setTimeout(() => socket.write("x".repeat(10_000)), 10);
  });
  const instance = instanceAt(t, busy, { connections: 1 });
  const hop = hopTo([instance, instanceAt(t, await upstream(t, echo))], {
    resilience: persisting({ retry: { on: [503] } }),
  });
  const { gateway } = gatewayTo(hop);
  for (let turn = 0; turn < 5; turn++) assert.equal((await request(t, gateway)).text, "other");
  assert.equal(connections, 1);
});

for (const { name, size } of [
  { name: "more of an answer that nobody wants than is worth reading", size: 10_000_000 },
  { name: "an answer that nobody wants and that never ends", size: 10 },
])
  test(`${name} ends its connection`, async (t) => {
    let closed = false;
    const busy = await rawUpstream(t, (socket) => {
      socket.once("close", () => (closed = true));
      socket.write("HTTP/1.1 503 Busy\r\ncontent-length: 20000000\r\n\r\n");
      socket.write(Buffer.alloc(size));
    });
    const instances = [instanceAt(t, busy), instanceAt(t, await upstream(t, echo))];
    const { gateway } = gatewayTo(hopTo(instances, { resilience: persisting({ retry: { on: [503] } }) }));
    assert.equal((await request(t, gateway)).text, "other");
    await until("it is closed", () => closed);
  });

test("each further try goes to somebody else, and there are no more than allowed", async (t) => {
  const dead = await deadOrigin();
  const instances = Array.from({ length: 5 }, () => instanceAt(t, dead));
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience: persisting({ retry: { attempts: 4 } }) }));
  const { json } = await request(t, gateway);
  assert.equal(json.type, "urn:tandem:problem:upstream.refused");
  assert.deepEqual(outcomes(records[0]), ["refused", "retry refused", "retry refused", "retry refused"]);
});

test("one attempt is one attempt", async (t) => {
  const instances = [instanceAt(t, await deadOrigin()), instanceAt(t, await upstream(t, echo))];
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience: persisting({ retry: { attempts: 1 } }) }));
  assert.equal((await request(t, gateway)).status, 502);
  assert.equal(records[0]?.attempts.length, 1);
});

test("where everything fails, tries keep within the budget, and it is told why", async (t) => {
  let asked = 0;
  const failing = async (): Promise<string> =>
    rawUpstream(t, (socket) => {
      asked++;
      socket.resetAndDestroy();
    });
  const instances = await Promise.all(Array.from({ length: 3 }, async () => instanceAt(t, await failing())));
  const budget = { ratio: 0.2, min: 1 };
  const hop = hopTo(instances, { resilience: persisting({ retry: { attempts: 3, budget } }) });
  const { gateway, records } = gatewayTo(hop);
  const port = await serve(t, gateway);
  const started = performance.now();
  const requests = 300;
  for (let wave = 0; wave < requests / 20; wave++)
    await Promise.all(Array.from({ length: 20 }, async () => assert.equal((await ask(port, "/")).status, 502)));
  const seconds = (performance.now() - started) / 1000;
  assert.ok(asked > requests * (1 + budget.ratio), `${asked} tries`);
  assert.ok(asked <= requests * (1 + budget.ratio) + budget.min * (seconds + 10), `${asked} tries`);
  await until("the records", () => records.length === requests);
  assert.ok(records.some(({ attempts }) => attempts.at(-1)?.withheld === "budget"));
  assert.equal(
    records.reduce((sum, { attempts }) => sum + attempts.length, 0),
    asked,
  );
});
