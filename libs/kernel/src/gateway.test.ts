import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "./exchange.ts";
import { ask, dial, listening, serverMaterial, session } from "./listener/testing.ts";
import type { RequestRecord } from "./record.ts";
import type { Stage } from "./stage.ts";
import { answer } from "./testing.ts";

interface Seen {
  readonly text: string;
  readonly record: RequestRecord;
}

/** Sends one request over each protocol; the text is the whole answer. */
const protocols: readonly { protocol: string; send: (t: TestContext, stages: readonly Stage[]) => Promise<Seen> }[] = [
  { protocol: "HTTP/1.1", send: (t, stages) => overHttp1(t, stages, "Connection: close\r\n") },
  { protocol: "HTTP/2", send: overHttp2 },
  {
    protocol: "an upgrade",
    send: (t, stages) => overHttp1(t, stages, "Connection: upgrade\r\nUpgrade: websocket\r\n"),
  },
];

async function overHttp1(t: TestContext, stages: readonly Stage[], headers: string): Promise<Seen> {
  const { port, recorded } = await listening(t, { stages });
  const line = dial(t, port);
  line.socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
  const text = await line.ended;
  return { text, record: await only(recorded) };
}

async function overHttp2(t: TestContext, stages: readonly Stage[]): Promise<Seen> {
  const { port, recorded } = await listening(t, { stages, tls: serverMaterial });
  const { status, text, code } = await ask(session(t, port), { ":path": "/" });
  return { text: `HTTP/2 ${status}${code ? ` broken off` : ""}\r\n\r\n${text}`, record: await only(recorded) };
}

/** The record, and proof that there is no second one. */
async function only(recorded: (count: number) => Promise<RequestRecord[]>): Promise<RequestRecord> {
  await recorded(1);
  await delay(30);
  const [record, ...more] = await recorded(1);
  assert.equal(more.length, 0);
  assert.ok(record);
  return record;
}

const acting = (effect: (exchange: Exchange) => unknown): Stage => ({
  name: "acting",
  run: (exchange) => exchange.act("act", () => void effect(exchange)),
});

for (const { protocol, send } of protocols) {
  test(`over ${protocol} an answer is recorded once`, async (t) => {
    const { text, record } = await send(t, [answer]);
    assert.match(text, /^HTTP\/[12.]+ 200/);
    assert.deepEqual([record.status, record.ending, record.error], [200, "answered", undefined]);
    assert.ok(record.bytesOut > 10 && record.duration > 0);
    assert.deepEqual(record.phases, ["naming", "answer"]);
  });

  for (const { name, stage } of [
    {
      name: "thrown",
      stage: {
        name: "throws",
        run: () => {
          throw new GatewayError("access.denied", { detail: "no" });
        },
      },
    },
    {
      name: "rejected",
      stage: { name: "rejects", run: () => Promise.reject(new GatewayError("access.denied", { detail: "no" })) },
    },
    {
      name: "failed later",
      stage: acting((exchange) =>
        setTimeout(() => exchange.fail(new GatewayError("access.denied", { detail: "no" })), 5),
      ),
    },
  ] satisfies { name: string; stage: Stage }[])
    test(`over ${protocol} what is ${name} is a problem with the request id`, async (t) => {
      const { text, record } = await send(t, [stage, answer]);
      const problem = JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));
      assert.deepEqual(problem, {
        type: "urn:tandem:problem:access.denied",
        title: "The caller may not do this",
        status: 403,
        detail: "no",
        requestId: record.id,
      });
      assert.deepEqual([record.status, record.error, record.ending], [403, "access.denied", "answered"]);
    });

  test(`over ${protocol} what nobody foresaw is a 500 that tells nothing, and the record knows why`, async (t) => {
    const cause = new Error("password is hunter2");
    const { text, record } = await send(t, [
      {
        name: "throws",
        run: () => {
          throw cause;
        },
      },
    ]);
    assert.match(text, /^HTTP\/[12.]+ 500/);
    assert.doesNotMatch(text, /hunter2/);
    assert.deepEqual([record.error, record.cause], ["server.error", cause]);
  });

  test(`over ${protocol} a list of stages that answers nothing is a 500`, async (t) => {
    const { text } = await send(t, [{ name: "idle", run: () => {} }]);
    assert.match(text, /^HTTP\/[12.]+ 500/);
  });

  test(`over ${protocol} a failure after the head is out breaks the answer off`, async (t) => {
    const stage = acting((exchange) => {
      exchange.reply.start(200, ["content-length", "100"]);
      exchange.reply.write(Buffer.from("begun"));
      setTimeout(() => exchange.fail(new GatewayError("upstream.failed")), 20);
    });
    const { text, record } = await send(t, [stage]);
    assert.doesNotMatch(text, /problem/);
    assert.deepEqual([record.status, record.error, record.ending], [200, "upstream.failed", "broken-off"]);
  });

  test(`over ${protocol} headers that were added stand in whatever is answered`, async (t) => {
    const adding: Stage = { name: "adding", run: (exchange) => exchange.reply.add("x-added", "yes") };
    const failing: Stage = {
      name: "failing",
      run: () => {
        throw new GatewayError("route.unknown");
      },
    };
    const { text } = await send(t, [adding, failing]);
    if (protocol !== "HTTP/2") assert.match(text, /\r\nx-added: yes\r\n/);
  });
}

for (const { protocol, leave } of [
  {
    protocol: "HTTP/1.1",
    leave: async (t: TestContext, stages: readonly Stage[]) => {
      const { port, recorded } = await listening(t, { stages });
      const line = dial(t, port);
      line.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
      await delay(50);
      line.socket.destroy();
      return only(recorded);
    },
  },
  {
    protocol: "HTTP/2",
    leave: async (t: TestContext, stages: readonly Stage[]) => {
      const { port, recorded } = await listening(t, { stages, tls: serverMaterial });
      const client = session(t, port);
      const stream = client.request({ ":path": "/", ":method": "POST" });
      stream.on("error", () => {});
      stream.write("half");
      await delay(50);
      stream.close(8);
      return only(recorded);
    },
  },
])
  for (const { when, stage } of [
    {
      when: "before the answer",
      stage: (told: string[]) => acting((exchange) => exchange.onLeave(() => told.push("left"))),
    },
    {
      when: "in the middle of the answer",
      stage: (told: string[]) =>
        acting((exchange) => {
          exchange.onLeave(() => told.push("left"));
          exchange.reply.start(200, ["content-length", "100"]);
          exchange.reply.write(Buffer.from("begun"));
        }),
    },
  ])
    test(`over ${protocol} a client that leaves ${when} is told of once`, async (t) => {
      const told: string[] = [];
      const record = await leave(t, [stage(told)]);
      assert.deepEqual(told, ["left"]);
      assert.deepEqual([record.ending, record.error], ["client-left", undefined]);
    });

test("a stage that resumes after its client left does no harm", async (t) => {
  let done = false;
  const late: Stage = {
    name: "late",
    async run(exchange) {
      await delay(80);
      exchange.act("answer", () => assert.fail("nobody waits for it"));
      done = true;
    },
  };
  const { port, recorded } = await listening(t, { stages: [late, answer] });
  const line = dial(t, port);
  line.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await delay(20);
  line.socket.destroy();
  const record = await only(recorded);
  await delay(100);
  assert.deepEqual([record.ending, record.error, done], ["client-left", undefined, true]);
});

test("HEAD is answered with the head alone, and the connection goes on", async (t) => {
  const { port } = await listening(t);
  const line = dial(t, port);
  line.socket.write("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const text = await line.ended;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)*\r\nHTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /content-length: [1-9]/);
});

test("an answer before the body was read closes the connection; one without a body keeps it", async (t) => {
  const { port, recorded } = await listening(t);
  const line = dial(t, port);
  line.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.doesNotMatch(await line.until(/}$/), /connection: close/i);
  line.socket.write(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  const text = await line.ended;
  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2);
  assert.match(text, /connection: close/i);
  assert.equal((await recorded(2)).filter(({ ending }) => ending === "answered").length, 2);
});

test("requests in flight are counted until they have ended", async (t) => {
  const [entered, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const waiting = { name: "waiting", run: () => (entered.resolve(), leave.promise) };
  const { port, gateway, recorded } = await listening(t, { stages: [waiting, answer] });
  const line = dial(t, port);
  line.socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await entered.promise;
  assert.equal(gateway.inFlight, 1);
  leave.resolve();
  await recorded(1);
  assert.equal(gateway.inFlight, 0);
});
