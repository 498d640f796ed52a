import assert from "node:assert/strict";
import { test } from "node:test";
import { lineJson, lineText } from "./line-text.ts";

const fields = {
  "@timestamp": "1970-01-01T00:00:00.000Z",
  message: "GET /orders 200",
  "tandem.tier": "routing",
  "user.id": "ann",
  "tandem.route": "orders-read",
  "client.address": "203.0.113.9",
  "tandem.flags": ["retried"],
  "http.request.id": "r1",
  "trace.id": "t1",
};

test("a line says when, where and what, and by what it is found again", () => {
  assert.equal(
    lineText({ time: 5_000, fields }),
    "1970-01-01T00:00:00.000Z  routing   GET /orders 200  by ann  route orders-read  from 203.0.113.9  retried  request r1  trace t1",
  );
});

test("what a line does not have is not mentioned", () => {
  assert.equal(
    lineText({ time: 0, fields: { message: "listening" } }),
    "1970-01-01T00:00:00.000Z            listening",
  );
});

test("nothing in a line reaches the terminal's controls, in either form", () => {
  const hostile = { time: 0, fields: { message: "a\u001b[2J\nb\u009b\u202ec", "user.id": "\r" } };
  for (const form of [lineText, lineJson]) assert.doesNotMatch(form(hostile), /[\p{Cc}\p{Bidi_Control}]/u);
  assert.deepEqual(JSON.parse(lineJson(hostile)), hostile.fields);
});

test("what a caller is named passes for nothing else", () => {
  const line = { time: 0, fields: { "user.id": "ann  route admin", "tandem.route": "orders" } };
  assert.match(lineText(line), /by "ann  route admin" {2}route orders$/);
});
