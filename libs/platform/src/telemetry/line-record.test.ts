import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { createLineEncoder } from "./line-encoder.ts";
import { createFieldFinder } from "./line-fields.ts";
import { decodeLogs } from "./otlp-decoder.testing.ts";

const origin = { resource: resourceFromAttributes({}), scope: { name: "tandem" } };
const fresh = (line: string) => decodeLogs(Buffer.from(createLineEncoder(origin)([line])))[0]!;

const full = {
  "@timestamp": "2026-01-02T03:04:05.678Z",
  "log.level": "warn",
  "event.duration": 12_345_000,
  "trace.id": "0af7651916cd43dd8448eb211c80319c",
  "span.id": "00f067aa0ba902b7",
  "user.id": "demo",
  "tandem.flags": ["a", "b"],
  "http.response.status_code": 200,
  "error.code": "\\",
};
const line = JSON.stringify({ ...full, "ecs.version": "8.17" });

test("a line that was cut is not taken to go on with what a longer one has left in the buffer", () => {
  const encode = createLineEncoder(origin);
  for (let length = 0; length < line.length; length++) {
    // The same text stands right behind the cut, as the batch before began with the whole line.
    encode([line]);
    const [record] = decodeLogs(Buffer.from(encode([line.slice(0, length)])));
    const reached = line.slice(0, length).includes('"ecs.version":');
    assert.equal(record?.body, line.slice(0, length));
    assert.equal(Object.keys(record?.attributes ?? {}).length, reached ? 4 : 0, `of ${length}`);
    assert.equal(record?.traceId, reached ? full["trace.id"] : "");
  }
});

test("whatever stands behind a line, its fields end with it", () => {
  const names = ["a", "b"];
  const find = createFieldFinder(names, "last");
  const cut = [
    '{"a":"x',
    '{"a":"x\\',
    '{"a":"x"',
    '{"a":1',
    '{"a":[1',
    '{"a":["x',
    '{"a":{',
    '{"a":',
    '{"a"',
    '{"a',
    '{"',
    "{",
    "",
  ];
  for (const text of cut)
    for (const behind of [
      '"}',
      '":1}',
      "}",
      ',"b":2}',
      "]}",
      '"]}',
      '"a":1}',
      '{"a":1}',
      "1}",
      '\\"}',
      "}}",
      ':"x","last":1}',
    ]) {
      const bytes = Buffer.from(`{${text}${behind}`);
      const found = names.map(() => ({ from: 0, to: 0 }));
      find(bytes, { from: 1, to: 1 + text.length }, found);
      assert.deepEqual(
        found,
        names.map(() => ({ from: 0, to: 0 })),
        `${text} with ${behind} behind it`,
      );
    }
});

test("levels and ids have to be these in each byte", () => {
  const severityOf = (level: string) => fresh(JSON.stringify({ "log.level": level })).severity;
  assert.deepEqual(["debug", "info", "warn", "error"].map(severityOf), [5, 9, 13, 17]);
  assert.deepEqual(["Info", "inf", "infos", "", "eebug", "warm"].map(severityOf), [0, 0, 0, 0, 0, 0]);
  const idsOf = (trace: string, span: string) => {
    const { traceId, spanId } = fresh(JSON.stringify({ "trace.id": trace, "span.id": span }));
    return [traceId, spanId];
  };
  const [trace, span] = [full["trace.id"], full["span.id"]];
  assert.deepEqual(idsOf(trace, span), [trace, span]);
  for (const other of ["A", "g", "/", ":", "`", " ", "ü", '"']) {
    for (const at of [0, 1, 15]) {
      assert.deepEqual(idsOf(trace, span.slice(0, at) + other + span.slice(at + 1)), [trace, ""], other);
      assert.deepEqual(idsOf(trace.slice(0, at) + other + trace.slice(at + 1), span), ["", ""], other);
    }
  }
  assert.deepEqual(idsOf(trace, "0".repeat(16)), [trace, ""]);
  assert.deepEqual(idsOf("0".repeat(32), span), ["", ""]);
  assert.deepEqual(idsOf(trace.slice(1), span), ["", ""]);
  assert.deepEqual(idsOf(`${trace}00`, span), ["", ""]);
});

test("a number is what JSON says of it", () => {
  const valueOf = (json: string) => fresh(`{"user.id":${json}}`).attributes["user.id"];
  for (const json of ["0", "7", "999999999999999", "9007199254740991", "1.5", "1e3", "true"])
    assert.equal(valueOf(json), JSON.parse(json));
  for (const json of ["007", "00", "1a", "+1", "0x10", "/", ":"]) assert.equal(valueOf(json), undefined, json);
});

test("an escape in one text leaves the others as they are", () => {
  const texts = { "user.id": 'de"mo', "tandem.route": "örders", "error.code": "\\" };
  assert.deepEqual(fresh(JSON.stringify(texts)).attributes, texts);
});
