import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { until } from "@tandem/platform/testing";
import { createGateway } from "./gateway.ts";
import { RequestRecord } from "./record.ts";
import type { Stage } from "./stage.ts";
import { answer, exchangeOf, request, serve } from "./testing.ts";

const broken = (): never => {
  throw new Error("broken");
};

test("an observer that throws keeps no other from being told, and those behind it learn why", async (t) => {
  const told: string[] = [];
  const tells = (name: string) => (record: RequestRecord) => void told.push(`${name} ${String(record.cause)}`);
  const observers = [tells("first"), broken, tells("last")];
  const gateway = createGateway([answer], { prelude: [], observers });
  assert.equal((await request(t, gateway)).status, 200);
  await until("both are told", () => told.length === 2);
  assert.deepEqual(told, ["first undefined", "last Error: broken"]);
  assert.equal(gateway.inFlight, 0);
  told.length = 0;
  gateway.refused(new RequestRecord());
  assert.deepEqual(told, ["first undefined", "last Error: broken"]);
});

test("whoever throws on hearing that the client left keeps nobody from hearing it, nor the record from its end", async (t) => {
  const told: string[] = [];
  const records: RequestRecord[] = [];
  const waits: true[] = [];
  const waiting: Stage = {
    name: "waiting",
    run: (exchange) =>
      exchange.act("wait", () => {
        exchange.onLeave(broken);
        exchange.onLeave(() => told.push("left"));
        waits.push(true);
      }),
  };
  const gateway = createGateway([waiting], { prelude: [], observers: [(record) => records.push(record)] });
  const socket = connect(await serve(t, gateway), "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await until("somebody waits", () => waits.length > 0);
  socket.destroy();
  await until("the record", () => records.length > 0);
  const [record] = records;
  assert.deepEqual(told, ["left"]);
  assert.deepEqual(
    [record?.ending, record?.error, String(record?.cause)],
    ["client-left", "server.error", "Error: broken"],
  );
});

test("what went wrong first is what a record tells", () => {
  const { exchange } = exchangeOf();
  exchange.record.error = "upstream.failed";
  exchange.onLeave(broken);
  exchange.left();
  assert.equal(exchange.record.error, "upstream.failed");
});
