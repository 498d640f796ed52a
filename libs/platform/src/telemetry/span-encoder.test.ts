import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { drawing, type Drawing } from "../drawing.testing.ts";
import type { CompactSpan, SpanValue } from "./compact-span.ts";
import { decodeTraces } from "./otlp-decoder.testing.ts";
import { createSpanEncoder } from "./span-encoder.ts";

const resource = resourceFromAttributes({ "service.name": "tandem", "service.instance.id": "öne" });
const newEncoder = () => createSpanEncoder({ resource, scope: { name: "tandem", version: "1.2.3" } });
const encode = newEncoder();
const decoded = (spans: readonly CompactSpan[]) => decodeTraces(Buffer.from(encode(spans)));
const decodedOne = (more: Partial<CompactSpan>) => decoded([{ ...plain, ...more }])[0]!;
const attributesOf = (attributes: CompactSpan["attributes"]) => decodedOne({ attributes }).attributes;

const plain: CompactSpan = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "00f067aa0ba902b7",
  flags: 1,
  kind: "server",
  name: "GET",
  startedAt: 1_700_000_000_123.25,
  duration: 12.5,
  attributes: {},
};

/** Around the lengths at which a text is written otherwise, and its length takes another byte. */
const lengths = [0, 1, 31, 32, 33, 42, 43, 63, 64, 126, 127, 128, 300, 5461, 16_383, 16_384];
const pieces = ["a", "ü", "€", "😀", "\u0000", "\ud83d", "\ude00", '"'];
const numbers = [0, 1, 127, 128, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER, 2 ** 62, 2 ** 63, 0.5, 1e300, Infinity];

/** Mostly one character over and over, with another somewhere. */
function randomText(draw: Drawing): string {
  const length = draw.chance(0.9) ? draw.below(40) : draw.one(lengths);
  const text = (draw.chance(0.7) ? "a" : draw.one(pieces)).repeat(length);
  const at = draw.below(length + 1);
  return draw.chance(0.8) ? text : text.slice(0, at) + draw.one(pieces) + text.slice(at);
}
const randomId = (draw: Drawing, digits: number): string =>
  Array.from({ length: digits }, () => "0123456789abcdef"[draw.below(16)]).join("");
const randomValue = (draw: Drawing): SpanValue =>
  [() => randomText(draw), () => draw.chance(0.5), () => draw.one(numbers), () => -1 - draw.one(numbers)][
    draw.below(4)
  ]!();

const randomSpan = (draw: Drawing): CompactSpan => ({
  traceId: randomId(draw, 32),
  spanId: randomId(draw, 16),
  ...(draw.chance(0.5) && { parentSpanId: randomId(draw, 16), remoteParent: draw.chance(0.5) }),
  ...(draw.chance(0.2) && { link: { traceId: randomId(draw, 32), spanId: randomId(draw, 16) } }),
  flags: draw.below(4),
  ...(draw.chance(0.2) && { state: `a=${"b".repeat(draw.one(lengths))}` }),
  kind: draw.one(["server", "client", "internal"] as const),
  name: randomText(draw),
  startedAt: 4.5e12 * draw.next(),
  duration: 1e5 * draw.next(),
  ...(draw.chance(0.3) && { failure: randomText(draw) }),
  attributes: Object.fromEntries(Array.from({ length: draw.below(12) }, () => [randomText(draw), randomValue(draw)])),
});

/** As good as a double tells it. */
function nanosOf(milliseconds: number): bigint {
  const seconds = Math.floor(milliseconds / 1000);
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.floor((milliseconds - seconds * 1000) * 1e6));
}

/** What cannot be told in UTF-8 is replaced. */
const told = (text: string): string => Buffer.from(text).toString();

const expectedOf = (span: CompactSpan): object => ({
  resource: { "service.name": "tandem", "service.instance.id": "öne" },
  scope: "tandem",
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId ?? "",
  state: span.state ?? "",
  name: told(span.name),
  kind: { internal: 1, server: 2, client: 3 }[span.kind],
  startNanos: nanosOf(span.startedAt),
  endNanos: nanosOf(span.startedAt + span.duration),
  attributes: Object.fromEntries(
    Object.entries(span.attributes).map(([name, value]) => [
      told(name),
      typeof value === "string" ? told(value) : value,
    ]),
  ),
  links: span.link ? [span.link] : [],
  status: { code: span.failure === undefined ? 0 : 2, message: told(span.failure ?? "") },
  flags: 0x100 | (span.remoteParent ? 0x200 : 0) | span.flags,
});

test("what a span says arrives, whatever it holds and wherever the buffer ends", () => {
  const draw = drawing(7);
  for (let batch = 0; batch < 40; batch++) {
    const spans = Array.from({ length: 100 }, () => randomSpan(draw));
    assert.deepEqual(decodeTraces(Buffer.from(newEncoder()(spans))), spans.map(expectedOf));
  }
});

test("the buffer grows in time, wherever in a span it would end", () => {
  // Of the most bytes a character, because room is made for those.
  const long = "€".repeat(100);
  const attributes = { long, a: true, [long]: -1, b: 0.5, [`${long}b`]: 0.5, longest: "€".repeat(5500) };
  const span = { ...plain, name: long, state: long, failure: long, attributes };
  for (let length = 45_000; length < 65_400; length += length < 64_000 ? 13 : 1) {
    const before = { ...plain, name: "€".repeat(length / 3) + "a".repeat(length % 3) };
    const found = decodeTraces(Buffer.from(newEncoder()([before, span])));
    assert.deepEqual(
      found.map(({ status, attributes: each }) => [status, each]),
      [
        [{ code: 0, message: "" }, {}],
        [{ code: 2, message: long }, attributes],
      ],
    );
  }
});

test("a text is told whole, whatever its length and its last character", () => {
  for (const length of lengths)
    for (const last of pieces) {
      const text = "a".repeat(length) + last;
      const span = decodedOne({ name: text, attributes: { [text]: text } });
      assert.deepEqual([span.name, span.attributes], [told(text), { [told(text)]: told(text) }]);
    }
});

test("whole numbers of 64 bits are told as such, others as doubles", () => {
  const attributes = {
    most: 2 ** 63 - 1024,
    least: -(2 ** 63),
    beyond: 2 ** 63,
    below: -(2 ** 63) - 2048,
    safe: Number.MIN_SAFE_INTEGER,
    low: -128,
    fraction: -0.5,
    nothing: Number.NaN,
    without: -Infinity,
  };
  assert.deepEqual(attributesOf(attributes), attributes);
  assert.deepEqual(attributesOf({ zero: -0 }), { zero: 0 });
});

test("a value that is no text, number or truth is left out, and no other", () => {
  const attributes = { a: undefined, b: null, c: ["x"], d: {}, e: 1n, f: "f" } as unknown as CompactSpan["attributes"];
  assert.deepEqual(attributesOf(attributes), { f: "f" });
});

for (const [what, id] of [
  ["empty", () => ""],
  ["one digit short", (digits: number) => "a".repeat(digits - 1)],
  ["one digit long", (digits: number) => "a".repeat(digits + 1)],
  ["of other characters", (digits: number) => "g".repeat(digits)],
  ["wrong in its last digit", (digits: number) => `${"a".repeat(digits - 1)}/`],
  ["no ASCII", (digits: number) => "š".repeat(digits)],
] as const)
  test(`an id that is ${what} is left out, and all else is told`, () => {
    const [traceId, spanId] = [id(32), id(16)];
    const span = decodedOne({ traceId, spanId, parentSpanId: spanId, link: { traceId, spanId }, name: "all else" });
    assert.deepEqual([span.traceId, span.spanId, span.parentSpanId, span.name], ["", "", "", "all else"]);
    assert.deepEqual(span.links, [{ traceId: "", spanId: "" }]);
  });

test("an id in capitals is the same id", () => {
  assert.equal(decodedOne({ spanId: "00F067AA0BA902B7" }).spanId, "00f067aa0ba902b7");
});

test("a failure without a reason is one, and no failure is no status", () => {
  assert.deepEqual(decodedOne({ failure: "" }).status, { code: 2, message: "" });
  assert.deepEqual(decodedOne({}).status, { code: 0, message: "" });
});

for (const time of [Number.NaN, Infinity, -100, 1e13])
  test(`a time of ${time} is left out`, () => {
    const { startNanos, endNanos, name } = decodedOne({ startedAt: time });
    assert.deepEqual([startNanos, endNanos, name], [0n, 0n, "GET"]);
  });

test("flags beyond those of W3C are not told, and what is linked is another process's", () => {
  assert.equal(decodedOne({ flags: 0x7fff_ff03 }).flags, 0x103);
  assert.equal(decodedOne({ flags: 255, parentSpanId: plain.spanId, remoteParent: true }).flags, 0x3ff);
  assert.equal(decodedOne({ remoteParent: true }).flags, 0x101);
  const withLink = Buffer.from(encode([{ ...plain, link: plain }]));
  assert.ok(withLink.includes(Buffer.of(0x35, 0, 3, 0, 0)));
});

test("a batch is not written over by the next, and one without spans is empty", () => {
  const first = encode([{ ...plain, name: "first" }]);
  encode([{ ...plain, name: "other" }]);
  assert.equal(decodeTraces(Buffer.from(first))[0]?.name, "first");
  assert.deepEqual(decoded([]), []);
});
