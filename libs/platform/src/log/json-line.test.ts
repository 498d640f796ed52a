import assert from "node:assert/strict";
import test from "node:test";
import { stripVTControlCharacters } from "node:util";
import { toJsonLine } from "./json-line.ts";
import { toPrettyLine } from "./pretty-line.ts";

const entry = { time: 0, level: "info", message: "hello", fields: {} };

test("a line is JSON with time, level and message first", () => {
  assert.equal(
    toJsonLine({ ...entry, fields: { a: 1, password: "x", none: undefined } }, false),
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"hello","a":1,"password":"[secret]"}',
  );
});

test("a field cannot pass itself off as the level", () => {
  const line = JSON.parse(toJsonLine({ ...entry, fields: { level: "error", time: "x", message: "y" } }, false));
  assert.deepEqual(line, {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    message: "hello",
    level_: "error",
    time_: "x",
    message_: "y",
  });
});

const hostile = 'a\n{"level":"error"}\r\u001b[2J\u009b1m\u007f\u2028\u202e"\u0000';

test("what came from outside cannot break a line or move a cursor, and is not lost", () => {
  const line = toJsonLine({ ...entry, message: hostile, fields: { [hostile]: hostile } }, false);
  assert.match(line, /^[\x20-\x7e]+$/);
  const parsed = JSON.parse(line);
  assert.equal(parsed.message, hostile);
  assert.equal(parsed[hostile], hostile);
});

test("the same holds for the readable form, with and without colours", () => {
  const json = toJsonLine({ ...entry, message: hostile, fields: { [hostile]: hostile } }, false);
  assert.match(toPrettyLine(json, { colours: false }), /^[\x20-\x7e]+$/);
  assert.match(stripVTControlCharacters(toPrettyLine(json, { colours: true })), /^[\x20-\x7e]+$/);
  assert.match(toPrettyLine(hostile, { colours: false }), /^[\x20-\x7e]+$/);
});

const clock = /^\d\d:\d\d:\d\d\.\d{3} /;
const readable: { name: string; given: object; expected: string }[] = [
  {
    name: "a message with fields",
    given: { level: "warn", message: "no instance", service: "orders", note: "two words", n: 3, list: [1] },
    expected: 'WARN  no instance service=orders note="two words" n=3 list=[1]',
  },
  {
    name: "an error with its causes",
    given: {
      level: "error",
      message: "failed",
      error: { message: "a", cause: { message: "b", code: "ECONNREFUSED" } },
    },
    expected: 'ERROR failed error="a <- b (ECONNREFUSED)"',
  },
  {
    name: "an access line",
    given: { method: "GET", path: "/orders", status: 200, ms: 1.5 },
    expected: "INFO  GET /orders 200 ms=1.5",
  },
];
for (const { name, given, expected } of readable) {
  test(`${name} is readable`, () => {
    const line = toPrettyLine(JSON.stringify({ time: "2026-01-01T10:20:30.400Z", ...given }), { colours: false });
    assert.match(line, clock);
    assert.equal(line.replace(clock, ""), expected);
  });
}

test("a stack stands below its line", () => {
  const line = toPrettyLine(JSON.stringify({ message: "m", error: { message: "a", stack: "Error: a\n  at b" } }), {
    colours: false,
  });
  assert.equal(line, "--:--:--.--- INFO  m error=a\n    Error: a\n      at b");
});
