import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "@tandem/kernel/testing";
import { bothProtocols, instanceSpeaking } from "./either-protocol.testing.ts";
import { gatewayTo, hopTo } from "./testing.ts";

const heads = [
  { kib: 15, long: false },
  { kib: 33, long: true },
  { kib: 60, long: true },
  { kib: 100, long: true },
];

for (const protocol of bothProtocols)
  for (const { kib, long } of heads)
    for (const method of ["GET", "POST"])
      test(`a head of ${kib} KiB over ${protocol} ${long ? "is refused, and told from what an instance does" : "is read"} (${method})`, async (t) => {
        const instance = await instanceSpeaking(t, protocol, (_, response) => {
          for (let line = 0; line < kib; line++) response.setHeader(`x-${line}`, "y".repeat(1020));
          response.end("ok");
        });
        const { gateway, records } = gatewayTo(hopTo([instance]));
        const { status, text } = await request(t, gateway, { method, ...(method === "POST" && { body: "hello" }) });
        assert.equal(status, long ? 502 : 200);
        assert.match(text, long ? /upstream\.failed/ : /^ok$/);
        const { outcome, longHead } = records[0]!.attempts[0]!;
        assert.deepEqual([outcome, longHead], long ? ["reset", true] : ["answered", undefined]);
        assert.equal(instance.inFlight, 0);
      });
