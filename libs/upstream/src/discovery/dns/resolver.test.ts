import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { until } from "@tandem/platform/testing";
import { decode, type DecodedPacket } from "dns-packet";
import { address, answerTo, nameServer, type Says } from "./name-server.testing.ts";
import { createResolver } from "./resolver.ts";

const name = "orders.internal";
const never = new AbortController().signal;

async function ask(t: TestContext, says: Says, { timeout = 10_000, rounds = 1 } = {}) {
  const server = await nameServer(t, says);
  const resolver = createResolver({ servers: [server], timeout, rounds });
  return { server, resolved: resolver.resolve({ name, type: "A" }, never) };
}
const data = ({ records }: { records: readonly { data: unknown }[] }): unknown[] =>
  records.map((record) => record.data);
const right = (question: DecodedPacket) => answerTo(question, { answers: [address(name, "10.0.0.1", 7)] });

test("an answer is its records, and how long they hold", async (t) => {
  const { resolved } = await ask(t, (question) => [right(question)]);
  const { ttl, records } = await resolved;
  assert.deepEqual([ttl, records.map((record) => record.data)], [7, ["10.0.0.1"]]);
});

const noise: { name: string; message: (question: DecodedPacket) => Buffer }[] = [
  { name: "another number", message: (q) => answerTo(q, { id: (q.id ?? 0) ^ 1, answers: [address(name, "6.6.6.6")] }) },
  {
    name: "another question",
    message: (q) =>
      answerTo(q, { questions: [{ name: "other.internal", type: "A" }], answers: [address(name, "6.6.6.6")] }),
  },
  {
    name: "a question of another type",
    message: (q) => answerTo(q, { questions: [{ name, type: "AAAA" }], answers: [address(name, "6.6.6.6")] }),
  },
  { name: "no question", message: (q) => answerTo(q, { questions: [], answers: [address(name, "6.6.6.6")] }) },
  {
    name: "two questions",
    message: (q) => answerTo(q, { questions: [...(q.questions ?? []), { name: "b", type: "A" }], answers: [] }),
  },
  { name: "a question instead of an answer", message: (q) => withByte(right(q), 2, 0) },
  { name: "a header that promises more than there is", message: (q) => withByte(right(q), 6, 0xff) },
  { name: "half a header", message: (q) => right(q).subarray(0, 7) },
  { name: "nothing at all", message: () => Buffer.alloc(0) },
  { name: "no DNS", message: () => Buffer.from("HTTP/1.1 200 OK\r\n\r\n") },
  { name: "a name that points at itself", message: (q) => looping(right(q), 0) },
  { name: "a name that points ahead", message: (q) => looping(right(q), 20) },
  { name: "a name that points behind the end", message: (q) => looping(right(q), 9_000) },
];
for (const { name: what, message } of noise)
  test(`noise: ${what} neither answers nor ends the waiting`, async (t) => {
    const { resolved } = await ask(t, (question) => [message(question), right(question)]);
    assert.deepEqual(data(await resolved), ["10.0.0.1"]);
  });

test("a right answer from somebody else is not heard", async (t) => {
  const [server, forger] = [createSocket("udp4"), createSocket("udp4")];
  for (const socket of [server, forger]) await once(socket.bind(0, "127.0.0.1"), "listening");
  t.after(() => [server, forger].map((socket) => socket.close()));
  server.on("message", (message, { port, address: host }) => {
    const question = decode(message);
    const forged = answerTo(question, { answers: [address(name, "6.6.6.6")] });
    forger.send(forged, port, host, () => setTimeout(() => server.send(right(question), port, host), 20));
  });
  const { port } = server.address();
  const resolver = createResolver({ servers: [{ address: "127.0.0.1", port }] });
  assert.deepEqual(data(await resolver.resolve({ name, type: "A" }, never)), ["10.0.0.1"]);
});

const withByte = (message: Buffer, at: number, value: number): Buffer => {
  message[at] = value;
  return message;
};

/** Makes the owner of the answer a pointer, so far from where it stands. */
function looping(message: Buffer, ahead: number): Buffer {
  const at = 12 + name.length + 2 + 4;
  const target = Math.min(0x3f_ff, at + ahead);
  message.writeUInt16BE(0xc0_00 | target, at);
  return message;
}

test("noise without end is an error, not a wait without end", async (t) => {
  const { resolved } = await ask(t, (question) => Array.from({ length: 200 }, () => withByte(right(question), 0, 0)));
  await assert.rejects(resolved, /noise|no answer within/);
});

test("what nobody asked for is not taken: records of other names and types", async (t) => {
  const { resolved } = await ask(t, (question) => [
    answerTo(question, {
      answers: [address("evil.internal", "6.6.6.6"), address(name, "fd00::6"), address(name.toUpperCase(), "10.0.0.1")],
    }),
  ]);
  assert.deepEqual(data(await resolved), ["10.0.0.1"]);
});

test("what a datagram cannot hold is asked for over TCP", async (t) => {
  const answers = Array.from({ length: 500 }, (_, at) => address(name, `10.0.${at >> 8}.${at & 255}`));
  const { server, resolved } = await ask(t, (question, over) => [
    answerTo(question, over === "udp" ? { truncated: true } : { answers }),
  ]);
  assert.equal((await resolved).records.length, 500);
  assert.deepEqual(server.asked, [`A ${name} udp`, `A ${name} tcp`]);
});

test("a datagram that was cut in the middle of a record is asked for over TCP too", async (t) => {
  const { resolved } = await ask(t, (question, over) => {
    const whole = answerTo(question, { truncated: over === "udp", answers: [address(name, "10.0.0.1")] });
    return [over === "udp" ? whole.subarray(0, whole.length - 3) : whole];
  });
  assert.deepEqual(data(await resolved), ["10.0.0.1"]);
});

test("nonsense over TCP is an error", async (t) => {
  const { resolved } = await ask(t, (question, over) =>
    over === "udp" ? [answerTo(question, { truncated: true })] : [Buffer.from("nonsense")],
  );
  await assert.rejects(resolved, /cannot be read/);
});

test("a server that knows no extensions is asked without them", async (t) => {
  const { server, resolved } = await ask(t, (question) =>
    (question.additionals ?? []).length > 0 ? [answerTo(question, { code: 1, questions: [] })] : [right(question)],
  );
  assert.deepEqual(data(await resolved), ["10.0.0.1"]);
  assert.equal(server.asked.length, 2);
});

const alias = (from: string, to: string, ttl = 60) => ({ type: "CNAME", name: from, ttl, data: to }) as const;

test("aliases are followed, within an answer and beyond it, and the shortest time holds", async (t) => {
  const { server, resolved } = await ask(t, (question) => {
    const [asked] = question.questions ?? [];
    const answers =
      asked?.name === name
        ? [alias(name, "b.internal", 30), alias("b.internal", "c.internal", 5)]
        : [address("c.internal", "10.0.0.3", 60)];
    return [answerTo(question, { answers })];
  });
  const { ttl, records } = await resolved;
  assert.deepEqual([ttl, records.map((record) => record.data)], [5, ["10.0.0.3"]]);
  assert.deepEqual(server.asked, [`A ${name} udp`, "A c.internal udp"]);
});

const loops: { name: string; says: Says }[] = [
  { name: "within one answer", says: (q) => [answerTo(q, { answers: [alias(name, "b"), alias("b", name)] })] },
  { name: "to itself", says: (q) => [answerTo(q, { answers: [alias(name, name)] })] },
  {
    name: "from answer to answer",
    says: (q) => [answerTo(q, { answers: [alias(q.questions?.[0]?.name ?? "", `x.${q.questions?.[0]?.name}`)] })],
  },
];
for (const { name: where, says } of loops)
  test(`aliases that lead in circles ${where} are an error`, async (t) => {
    const { server, resolved } = await ask(t, says);
    await assert.rejects(resolved, /aliases/);
    assert.ok(server.asked.length <= 10, String(server.asked.length));
  });

test("an alias that is no name is asked of nobody", async (t) => {
  const { server, resolved } = await ask(t, (q) => [answerTo(q, { answers: [alias(name, "a b.internal")] })]);
  await assert.rejects(resolved, /no name/);
  assert.equal(server.asked.length, 1);
});

test("that there is nothing is an answer, and holds for as long as the zone says", async (t) => {
  const soa = { mname: "ns", rname: "me", serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 9 };
  for (const code of [0, 3]) {
    const { resolved } = await ask(t, (q) => [
      answerTo(q, { code, authorities: [{ type: "SOA", name: "internal", ttl: 60, data: soa }] }),
    ]);
    const { records, ttl } = await resolved;
    assert.deepEqual([records.length, ttl], [0, 9]);
  }
});

for (const [code, word] of [
  [2, "SERVFAIL"],
  [5, "REFUSED"],
] as const)
  test(`${word} is no answer, and the next server is asked`, async (t) => {
    const broken = await nameServer(t, (question) => [answerTo(question, { code })]);
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    t.after(() => silent.close());
    const well = await nameServer(t, (question) => [right(question)]);
    const servers = [broken, { address: "127.0.0.1", port: silent.address().port }, well];
    const { records, server } = await createResolver({ servers, timeout: 1_000 }).resolve({ name, type: "A" }, never);
    assert.equal(records.length, 1);
    assert.equal(server, `127.0.0.1:${well.port}`);
    const alone = createResolver({ servers: [broken], timeout: 10_000 }).resolve({ name, type: "A" }, never);
    await assert.rejects(alone, new RegExp(word));
  });

test("a server that says nothing is given up in time", async (t) => {
  const { server, resolved } = await ask(t, () => [], { timeout: 50, rounds: 2 });
  await assert.rejects(resolved, /no answer within 50 ms/);
  await until("it has heard both questions", () => server.asked.length === 2);
});

test("more records than any service has are an error", async (t) => {
  const answers = Array.from({ length: 2_001 }, (_, at) =>
    address(name, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`),
  );
  const { resolved } = await ask(t, (question, over) => [
    answerTo(question, over === "udp" ? { truncated: true } : { answers }),
  ]);
  await assert.rejects(resolved, /too much/);
});

test("whoever stops asking waits no longer", async (t) => {
  const server = await nameServer(t, () => []);
  const leaving = new AbortController();
  const asking = createResolver({ servers: [server] }).resolve({ name, type: "A" }, leaving.signal);
  leaving.abort(new Error("gone"));
  await assert.rejects(asking, /gone/);
});
