import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { readLine } from "../log/read-line.ts";
import { drawing, type Drawing } from "../drawing.testing.ts";
import { createLineEncoder } from "./line-encoder.ts";
import { decodeLogs } from "./otlp-decoder.testing.ts";

const resource = resourceFromAttributes({ "service.name": "tandem", "service.instance.id": "öne" });
const encode = createLineEncoder({ resource, scope: { name: "tandem", version: "1.2.3" } });
const decoded = (lines: readonly string[]) => decodeLogs(Buffer.from(encode(lines)));

/** Of the fields by which lines are searched, some of each length; what a line may hold beside them is anything. */
const searched = ["user.id", "error.code", "tandem.tier", "tandem.route", "http.response.status_code", "tandem.flags"];
const names = [...searched, "users.id", "user.i", "", "message", 'user.id"', "user.id\\", "ü".repeat(4), "a.b"];
const texts = [
  "",
  "demo",
  'de"mo',
  "back\\slash",
  "\\",
  '\\"',
  "line\nbreak",
  "ümläut",
  "😀",
  "\u0000",
  '","user.id":"forged',
];
const numbers = [0, 1, 127, 128, 503, 16_384, 4_294_967_296, Number.MAX_SAFE_INTEGER, -1, 0.5, 1e21];

function randomValue(draw: Drawing, depth: number): unknown {
  const kinds = [
    () => draw.one(texts),
    () => draw.one(numbers),
    () => draw.chance(0.5),
    () => null,
    () => Array.from({ length: draw.below(3) }, () => draw.one(texts)),
    () => randomObject(draw, depth + 1),
  ];
  return kinds[draw.below(depth < 3 ? 6 : 5)]!();
}

const randomObject = (draw: Drawing, depth = 0): object =>
  Object.fromEntries(Array.from({ length: draw.below(8) }, () => [draw.one(names), randomValue(draw, depth)]));

/** What is to be found beside the line, told by somebody who reads it the slow way. */
function expectedOf(line: string): object {
  const read = readLine(line) ?? {};
  const beside = searched.flatMap((name) => {
    const value = read[name];
    if (Array.isArray(value)) return value.length > 0 ? [[name, value.join(",")]] : [];
    return ["string", "number", "boolean"].includes(typeof value) ? [[name, value]] : [];
  });
  return { body: line, attributes: Object.fromEntries(beside) };
}

test("beside a line is what a reader of JSON finds in it, whatever else it holds", () => {
  const draw = drawing(7);
  const lines = Array.from({ length: 5_000 }, () => JSON.stringify(randomObject(draw)));
  const found = decoded(lines).map(({ body, attributes }) => ({ body, attributes }));
  assert.deepEqual(found, lines.map(expectedOf));
  const some = found.filter(({ attributes }) => Object.keys(attributes).length > 1);
  assert.ok(some.length > 500, `${some.length} lines have two fields or more`);
});

test("whoever finds the field that ends what is searched by reads no further", () => {
  const [record] = decoded(['{"user.id":"a","ecs.version":"8.17","error.code":"b"}']);
  assert.deepEqual(record?.attributes, { "user.id": "a" });
});

test("half a line goes with its text alone, wherever it was cut", () => {
  const line = JSON.stringify({ "user.id": "de\\mo", "tandem.flags": ["a"], more: { "error.code": "x" }, n: 1 });
  const lines = Array.from(line, (_, length) => line.slice(0, length));
  assert.deepEqual(
    decoded(lines).map(({ body, attributes }) => ({ body, attributes })),
    lines.map((body) => ({ body, attributes: {} })),
  );
});

for (const line of [
  '{"user.id":}',
  '{"user.id":"a"',
  '{"user.id":"a"}}',
  '{"user.id":"a"},',
  '{"user.id"."a"}',
  '[{"user.id":"a"}]',
])
  test(`in ${line} nothing is found`, () => assert.deepEqual(decoded([line])[0]?.attributes, {}));

test("a value that is none is left out, and no other", () => {
  const line = '{"user.id":"\\x","tandem.route":truth,"error.code":"e"}';
  assert.deepEqual(decoded([line])[0]?.attributes, { "error.code": "e" });
});

for (const [what, list] of [
  ["objects that are no text", '[{"toString":1}]'],
  ["objects that are longer as a text", `[${Array.from({ length: 50_000 }, () => "{}").join()}]`],
  ["lists beyond the stack", "[".repeat(50_000) + "]".repeat(50_000)],
])
  test(`a list of ${what} is left out, and nothing else`, () => {
    const line = `{"tandem.flags":${list},"user.id":"a","ecs.version":"8.17"}`;
    const [record] = decodeLogs(Buffer.from(createLineEncoder({ resource, scope: { name: "tandem" } })([line])));
    assert.deepEqual([record?.body, record?.attributes], [line, { "user.id": "a" }]);
  });

test("each line has the time that it tells, in whatever order and form", () => {
  const times = [
    "2026-01-02T03:04:05.678Z",
    "2026-01-02T03:04:05.006Z",
    "2026-01-02T03:04:06.678Z",
    "2026-01-02T03:04:05.678Z",
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.678+01:00",
  ];
  assert.deepEqual(
    decoded(times.map((time) => JSON.stringify({ "@timestamp": time }))).map(({ nanos }) => nanos),
    times.map((time) => BigInt(Date.parse(time)) * 1_000_000n),
  );
});

test("lines may be longer than the buffer, and a batch as well", () => {
  const lines = [10, 200_000, 3, 70_000].map((length) => JSON.stringify({ "user.id": "ü".repeat(length) }));
  const records = decoded(lines);
  assert.deepEqual(
    records.map(({ body }) => body),
    lines,
  );
  assert.equal(records[1]?.attributes["user.id"], "ü".repeat(200_000));
});

test("a batch is not written over by the next", () => {
  const first = encode(['{"user.id":"first"}']);
  encode(['{"user.id":"other"}']);
  assert.equal(decodeLogs(Buffer.from(first))[0]?.body, '{"user.id":"first"}');
});

test("whose lines they are is told once, and the version only where there is one", () => {
  const [record] = decodeLogs(Buffer.from(createLineEncoder({ resource, scope: { name: "tandem" } })(["{}"])));
  assert.deepEqual(record?.resource, { "service.name": "tandem", "service.instance.id": "öne" });
  assert.equal(record?.scope, "tandem");
});
