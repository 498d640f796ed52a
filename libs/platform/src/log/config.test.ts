import assert from "node:assert/strict";
import test from "node:test";
import { logSchema } from "./config.ts";

test("without a log section, info goes to stdout in the form that suits the reader", () => {
  assert.deepEqual(logSchema.parse(undefined), { level: "info", format: "auto", connections: "all", successes: 1 });
});

test("a level or a form that does not exist is refused", () => {
  for (const given of [
    { level: "verbose" },
    { format: "xml" },
    { file: "x" },
    { file: {} },
    { otlp: "loki:3100" },
    { otlp: "http://u:p@loki" },
  ]) {
    assert.equal(logSchema.safeParse(given).success, false);
  }
});
