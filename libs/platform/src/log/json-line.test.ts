import assert from "node:assert/strict";
import test from "node:test";
import { stripVTControlCharacters } from "node:util";
import { toJsonLine } from "./json-line.ts";
import { toPrettyLine } from "./pretty-line.ts";

const entry = { time: 0, level: "info", message: "hello", fields: {} };

test("a line is JSON in the names of ECS, its time first", () => {
  assert.equal(
    toJsonLine({ ...entry, fields: { a: 1, password: "x", none: undefined } }, false),
    '{"@timestamp":"1970-01-01T00:00:00.000Z","log.level":"info","message":"hello","event.dataset":"tandem.process","a":1,"password":"[secret]","ecs.version":"8.17"}',
  );
});

test("a field cannot pass itself off as the level or as another kind of line", () => {
  const fields = { "log.level": "error", "@timestamp": "x", message: "y", "event.dataset": "tandem.request" };
  const line = JSON.parse(toJsonLine({ ...entry, fields: { ...fields, "ecs.version": "1" } }, false));
  assert.deepEqual(line, {
    "@timestamp": "1970-01-01T00:00:00.000Z",
    "log.level": "info",
    message: "hello",
    "ecs.version": "8.17",
    "event.dataset": "tandem.process",
    "log.level_": "error",
    "@timestamp_": "x",
    message_: "y",
    "event.dataset_": "tandem.request",
    "ecs.version_": "1",
  });
});

const refused = Object.assign(new TypeError("a"), {
  code: "E_A",
  cause: Object.assign(new Error("b"), { code: "E_B" }),
});
const errors = [
  {
    name: "an error",
    given: refused,
    expected: {
      "error.type": "TypeError",
      "error.message": "a",
      "error.code": "E_A",
      "error.cause": { message: "b", code: "E_B" },
    },
  },
  { name: "an error's message", given: "told in words", expected: { "error.message": "told in words" } },
  { name: "what is no error", given: { status: 3 }, expected: { error: { status: 3 } } },
];
for (const { name, given, expected } of errors) {
  test(`${name} has the names of ECS where it has any`, () => {
    const line = JSON.parse(toJsonLine({ ...entry, fields: { error: given } }, false));
    assert.deepEqual(Object.fromEntries(Object.entries(line).slice(4, -1)), expected);
  });
}

test("the stack of an error is shown where stacks are", () => {
  const line = JSON.parse(toJsonLine({ ...entry, fields: { error: refused } }, true));
  assert.match(line["error.stack_trace"], /^TypeError: a\n/);
  assert.match(line["error.cause"].stack, /^Error: b\n/);
});

const hostile = 'a\n{"log.level":"error"}\r\u001b[2J\u009b1m\u007f\u2028\u202e"\u0000';

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
    given: { "log.level": "warn", message: "no instance", service: "orders", note: "two words", n: 3, list: [1] },
    expected: 'WARN  no instance service=orders note="two words" n=3 list=[1]',
  },
  {
    name: "an error with its causes",
    given: {
      "log.level": "error",
      message: "failed",
      "ecs.version": "8.17",
      "event.dataset": "tandem.process",
      "service.node.name": "host-1",
      "error.type": "TypeError",
      "error.message": "a",
      "error.cause": { message: "b", code: "ECONNREFUSED" },
    },
    expected: 'ERROR failed error="a <- b (ECONNREFUSED)"',
  },
  {
    name: "a request",
    given: {
      message: "GET /orders 200 1.5 ms",
      "event.dataset": "tandem.request",
      "tandem.tier": "routing",
      "http.request.method": "GET",
      "user.id": "demo",
      "tandem.flags": [],
      "tandem.attempts": [{ instance: "orders-1" }, { instance: "orders-2" }],
      "http.request.id": "abc",
    },
    expected: "INFO  GET /orders 200 1.5 ms tier=routing by=demo request=abc to=orders-2 attempts=2",
  },
  {
    name: "a request without attempts",
    given: { message: "GET / 404", "event.dataset": "tandem.request", "tandem.flags": ["NR"], "tandem.attempts": [] },
    expected: 'INFO  GET / 404 flags=["NR"]',
  },
];
for (const { name, given, expected } of readable) {
  test(`${name} is readable`, () => {
    const line = toPrettyLine(JSON.stringify({ "@timestamp": "2026-01-01T10:20:30.400Z", ...given }), {
      colours: false,
    });
    assert.match(line, clock);
    assert.equal(line.replace(clock, ""), expected);
  });
}

test("of connections a person is shown the failures", () => {
  const connection = { message: "m", "event.dataset": "tandem.connection" };
  const shown = (outcome: string) =>
    toPrettyLine(JSON.stringify({ ...connection, "event.outcome": outcome }), { colours: false });
  assert.equal(shown("success"), "");
  assert.equal(shown("failure"), "--:--:--.--- INFO  m");
});

test("a stack stands below its line", () => {
  const line = toPrettyLine(
    JSON.stringify({ message: "m", "error.message": "a", "error.stack_trace": "Error: a\n  at b" }),
    {
      colours: false,
    },
  );
  assert.equal(line, "--:--:--.--- INFO  m error=a\n    Error: a\n      at b");
});
