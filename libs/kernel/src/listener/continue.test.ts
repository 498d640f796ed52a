import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError } from "@tandem/contracts/errors";
import type { Stage } from "../stage.ts";
import { dial, listening, serverMaterial, session } from "./testing.ts";

const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
const http2Head = { ":path": "/", ":method": "POST", expect: "100-continue" };

const refusing: Stage = {
  name: "refusing",
  async run() {
    await delay(20);
    throw new GatewayError("identity.required");
  },
};
const reader: Stage = {
  name: "reader",
  run: (exchange) =>
    exchange.act("read", async () => {
      let text = "";
      for await (const chunk of exchange.request.body ?? []) text += String(chunk);
      exchange.reply.send(200, [], `read ${text}`);
    }),
};

for (const { transport, tls, secure } of [
  { transport: "clear text", tls: undefined, secure: undefined },
  { transport: "TLS", tls: serverMaterial, secure: {} },
]) {
  const material = tls && { tls };

  test(`over ${transport} a client that waits is told to go on by who reads its body, and the connection is kept`, async (t) => {
    const { port } = await listening(t, { ...material, stages: [reader] });
    const line = dial(t, port, secure);
    for (const answers of [/^HTTP\/1\.1 100 [^]*read full$/, /read full[^]*HTTP\/1\.1 100 [^]*read full$/]) {
      const before = (await line.until(/^/)).length;
      line.socket.write(head);
      for (let tries = 0; !(await line.until(/^/)).slice(before).includes("100 Continue") && tries < 300; tries++)
        await delay(10);
      line.socket.write("full");
      assert.match(await line.until(answers), answers);
    }
  });

  test(`over ${transport} a client that waits and is refused is not told to go on`, async (t) => {
    const { port, recorded } = await listening(t, { ...material, stages: [refusing] });
    const line = dial(t, port, secure);
    line.socket.write(head);
    const text = await line.ended;
    assert.match(text, /^HTTP\/1\.1 401 [^]*connection: close/i);
    assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
    assert.equal((await recorded(1))[0]?.ending, "answered");
  });
}

for (const { name, stage, status, told } of [
  { name: "is told to go on by who reads its body", stage: reader, status: 200, told: 1 },
  { name: "and is refused is not told to go on", stage: refusing, status: 401, told: 0 },
])
  test(`over HTTP/2 a client that waits ${name}`, async (t) => {
    const { port } = await listening(t, { tls: serverMaterial, stages: [stage] });
    const stream = session(t, port).request(http2Head);
    let continues = 0;
    let given = 0;
    let text = "";
    stream.on("continue", () => (continues++, stream.end("full")));
    stream.on("response", (fields) => (given = Number(fields[":status"])));
    stream.on("data", (chunk) => (text += String(chunk))).on("error", () => {});
    await new Promise((resolve) => stream.once("close", resolve));
    assert.deepEqual([given, continues], [status, told]);
    assert.match(text, status === 200 ? /^read full$/ : /identity\.required/);
  });
