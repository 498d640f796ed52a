import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { compileCondition } from "./compile-condition.ts";
import { ExpressionFault } from "./expression-fault.ts";
import { Facts } from "./facts.ts";

const name = (n: number): string => `v${n}`;
const nested = (depth: number): string =>
  Array.from({ length: depth }, (_, n) => `request.headers["x-a"].all(${name(n)}, `).join("") +
  `request.path != ${name(depth - 1)}${")".repeat(depth)}`;

/** Would take minutes to years with the strangest request that a listener lets in. */
const refused = [
  nested(3),
  nested(8),
  `request.path.split("").all(a, request.path.split("").all(b, a == b))`,
  `request.headers["x-a"].all(a, request.headers["x-b"].all(b, a.contains(b)))`,
  `request.path.split("/").all(a, matches(request.path, "(a?){50}a{50}"))`,
  `request.headers["x-a"].all(a, request.time.getHours("Europe/Berlin") == 1 && principal.roles.all(r, request.time.getHours("Asia/Tokyo") == 1))`,
  Array.from({ length: 90 }, () => "matches(request.path, '(a?){50}a{50}')").join(" || "),
];
for (const text of refused)
  test(`refused at load: ${text.slice(0, 70)}`, () =>
    assert.throws(
      () => compileCondition(text),
      (error) => error instanceof ExpressionFault && /too long|nodes|depth/i.test(error.message),
    ));

const long = "a".repeat(8191);
const lines = (header: string, value: string, count: number): string[] =>
  Array.from({ length: count }, () => [header, value]).flat();

/** The dearest that are let in, each with the request that makes it so. */
const dear: { text: string; headers: string[] }[] = [
  { text: `matches(request.headers["x-a"][0], "^(([a-z])+.)+[A-Z]([a-z])+$")`, headers: ["x-a", long] },
  { text: `request.headers["x-a"].exists(v, matches(v, "(a*)*b"))`, headers: lines("x-a", long, 4) },
  {
    text: `request.headers["x-a"][0].contains(request.headers["x-b"][0])`,
    headers: ["x-a", long, "x-b", `b${long.slice(4096)}`],
  },
  {
    text: `request.headers["x-a"][0].contains(request.headers["x-b"][0])`,
    headers: ["x-a", long, "x-b", `${long.slice(4096)}b`],
  },
  {
    text: `!request.headers["x-a"].all(a, request.headers["x-b"].all(b, a != b))`,
    headers: [...lines("x-a", "a".repeat(300), 100), ...lines("x-b", `${"a".repeat(299)}b`, 100)],
  },
  { text: `request.headers["x-a"][0].split("").exists(c, c == "b")`, headers: ["x-a", long] },
  { text: `int(request.headers["x-a"][0]) > 0`, headers: ["x-a", "9".repeat(8192)] },
  { text: `double(request.headers["x-a"][0]) > 0.0`, headers: ["x-a", `${"9".repeat(8190)}x`] },
];
for (const { text, headers } of dear)
  test(`ends quickly: ${text}`, () => {
    const condition = compileCondition(text);
    const { exchange } = exchangeOf({ rawHeaders: headers });
    const start = performance.now();
    assert.notEqual(condition.test(new Facts(exchange, condition, Date.now)), true);
    const took = performance.now() - start;
    assert.ok(took < 1000, `${took} ms`);
  });

test("an expression that is all parentheses, or does not end, is refused quickly", () => {
  const texts = ["(".repeat(4000), "!".repeat(4000), "a.".repeat(2000), "[".repeat(4000), `"${"\\".repeat(3999)}`];
  const start = performance.now();
  for (const text of texts) assert.throws(() => compileCondition(text), ExpressionFault);
  assert.ok(performance.now() - start < 1000);
});
