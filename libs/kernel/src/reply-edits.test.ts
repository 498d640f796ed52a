import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { HeaderEdits } from "./header-list.ts";
import { ask, dial, listening, serverMaterial, session } from "./listener/testing.ts";
import type { Stage } from "./stage.ts";

const editing: Stage = {
  name: "editing",
  run({ reply }) {
    reply.add("x-everywhere", "1");
    reply.edits.drop("server");
    reply.edits.drop("content-type");
    reply.edits.set("cache-control", "public");
    reply.edits.add("vary", "origin");
  },
};

const answering: Stage = {
  name: "answering",
  run: (exchange) =>
    exchange.act("answer", () => {
      const headers = ["server", "old", "vary", "cookie", "cache-control", "private", "content-length", "0"];
      exchange.reply.start(200, headers);
      exchange.reply.end();
    }),
};

const refusing: Stage = {
  name: "refusing",
  run() {
    throw new GatewayError("access.denied");
  },
};

type Fields = Record<string, string[]>;

const protocols: readonly { protocol: string; send: (t: TestContext, stages: readonly Stage[]) => Promise<Fields> }[] =
  [
    { protocol: "HTTP/1.1", send: (t, stages) => overHttp1(t, stages, "Connection: close\r\n") },
    { protocol: "HTTP/2", send: overHttp2 },
    {
      protocol: "an upgrade",
      send: (t, stages) => overHttp1(t, stages, "Connection: upgrade\r\nUpgrade: websocket\r\n"),
    },
  ];

async function overHttp1(t: TestContext, stages: readonly Stage[], headers: string): Promise<Fields> {
  const { port } = await listening(t, { stages });
  const line = dial(t, port);
  line.socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
  const text = await line.ended;
  const fields: Fields = {};
  for (const field of text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n").slice(1)) {
    const [name = "", value = ""] = field.split(": ");
    (fields[name.toLowerCase()] ??= []).push(value);
  }
  return fields;
}

async function overHttp2(t: TestContext, stages: readonly Stage[]): Promise<Fields> {
  const { port } = await listening(t, { stages, tls: serverMaterial });
  const { fields } = await ask(session(t, port), { ":path": "/" });
  // HTTP/2 lists are joined by Node, except cookies.
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value).split(", ")]));
}

for (const { protocol, send } of protocols) {
  test(`over ${protocol} the next hop's answer is edited`, async (t) => {
    const fields = await send(t, [editing, answering]);
    assert.equal(fields["server"], undefined);
    assert.deepEqual(fields["vary"], ["cookie", "origin"]);
    assert.deepEqual(fields["cache-control"], ["public"]);
    assert.deepEqual(fields["x-everywhere"], ["1"]);
  });

  test(`over ${protocol} a problem of ours is not`, async (t) => {
    const fields = await send(t, [editing, refusing]);
    assert.deepEqual(fields["content-type"], ["application/problem+json"]);
    assert.deepEqual(fields["cache-control"], ["no-store"]);
    assert.equal(fields["vary"], undefined);
    assert.deepEqual(fields["x-everywhere"], ["1"]);
  });
}

test("an edit wins over what the list holds, and the later one over the earlier", () => {
  const edits = new HeaderEdits();
  edits.add("a", "added");
  edits.set("b", "first");
  edits.set("b", "second");
  edits.add("b", "third");
  edits.drop("c");
  edits.add("c", "after all");
  assert.deepEqual(edits.applyTo(["a", "1", "b", "2", "c", "3", "d", "4"]), [
    "a",
    "1",
    "d",
    "4",
    "a",
    "added",
    "b",
    "second",
    "b",
    "third",
    "c",
    "after all",
  ]);
});
