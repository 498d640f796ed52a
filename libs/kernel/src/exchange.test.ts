import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { answerWithExpress, createExpressApp } from "./express/express-app.ts";
import { ask, listening, serverMaterial, session } from "./listener/testing.ts";
import type { Stage } from "./stage.ts";
import { answer, exchangeOf } from "./testing.ts";

test("an exchange is over once its client has left or an error was written, and not for having acted", () => {
  const ends = [
    { end: "act", over: false },
    { end: "left", over: true },
    { end: "fail", over: true },
  ];
  for (const { end, over } of ends) {
    const { exchange } = exchangeOf();
    if (end === "act") void exchange.act("answer", () => {});
    else if (end === "left") exchange.left();
    else exchange.fail(new GatewayError("request.timeout"));
    assert.deepEqual([exchange.ended, exchange.over], [true, over], end);
  }
});

const unsendable: Stage = {
  name: "unsendable",
  run: ({ request }) => {
    if (request.rawHeaders.includes("/bad")) throw new GatewayError("request.timeout", { headers: { "no name": "x" } });
  },
};

test("an error that cannot be written breaks its own request off, and the next one is served", async (t) => {
  const { port, recorded } = await listening(t, { stages: [unsendable, answer], tls: serverMaterial });
  const client = session(t, port);
  const { status } = await ask(client, { ":path": "/bad", ":authority": "localhost" });
  assert.equal(status, 0);
  const [record] = await recorded(1);
  assert.deepEqual([record?.error, record?.ending], ["request.timeout", "broken-off"]);
  assert.equal((await ask(client, { ":path": "/", ":authority": "localhost" })).status, 200);
});

const late = createExpressApp((router) => {
  router.get("/at-once", (_, response) => {
    response.write("half");
    throw new Error("too late to tell");
  });
  router.get("/rejected", async (_, response) => {
    response.write("half");
    await Promise.resolve();
    response.status(500).set("x-late", "1");
  });
});
const express: Stage = { name: "express", run: (exchange) => answerWithExpress(exchange, "express", late) };

for (const path of ["/at-once", "/rejected"])
  test(`an Express handler that fails behind its head breaks the answer off, and no more: ${path}`, async (t) => {
    const { port, recorded } = await listening(t, { stages: [express], tls: serverMaterial });
    const client = session(t, port);
    const { status, code } = await ask(client, { ":path": path, ":authority": "localhost" });
    assert.deepEqual([status, code], [200, 2]);
    assert.equal((await recorded(1))[0]?.ending, "broken-off");
    assert.equal((await ask(client, { ":path": "/none", ":authority": "localhost" })).status, 404);
  });
