import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stage } from "./stage.ts";
import { exchangeOf, rawRequest } from "./testing.ts";

const begun: Stage = {
  name: "begun",
  run: (exchange) =>
    exchange.act("begin", () => {
      exchange.reply.start(200, ["content-length", "100"]);
      exchange.reply.write(Buffer.from("begun"));
    }),
};

test("of one that falls silent, a raw request gives what it has said", async (t) => {
  assert.match(await rawRequest(t, [begun], "GET / HTTP/1.1\r\nhost: a\r\n\r\n"), /^HTTP\/1\.1 200 [^]*begun$/);
});

for (const { path, expected } of [
  { path: "/a", expected: ["/a", ""] },
  { path: "/a?", expected: ["/a", "?"] },
  { path: "/a?b=c?d&e=?", expected: ["/a", "?b=c?d&e=?"] },
])
  test(`the path and query of an exchange at ${path}`, () => {
    const { request } = exchangeOf({ path }).exchange;
    assert.deepEqual([request.path, request.query], expected);
  });
