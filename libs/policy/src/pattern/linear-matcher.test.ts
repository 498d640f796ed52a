import assert from "node:assert/strict";
import { test } from "node:test";
import { createLinearMatcher } from "./linear-matcher.ts";
import { PatternFault } from "./parse-pattern.ts";

const agreeing = [
  "abc", "", "^abc$", "a|b|cd", "(a|b)*c", "^(?:ab)+$", "a{2}", "^a{2,3}$", "^a{2,}$", "^a{0,2}b", "[a-c]+", "[^a-c]",
  "[]", "\\d+\\.\\d*", "\\w\\s\\W", "^/orders/[0-9]+(/lines)?$", "a.c", "^$", "a$|^b", "(a*)*", "(a|)+b", "x*y?z+", "^[\\w.-]+@[\\w.-]+$",
  "[a\\]b]", "[-a]", "[a-]", "a+?b", "\\^\\$", "(^a|b$)", "((a{1,3}){2}b?)+c",
]; // prettier-ignore
const texts = [
  "", "a", "b", "c", "ab", "abc", "aab", "aaab", "cd", "abab", "xyz", "zzz", "1.5", "a b-", "/orders/12", "/orders/12/lines", "/orders/x", "a\nc", "a-c",
  "me@example.com", "]", "^$", "aaaac", "ba",
]; // prettier-ignore

for (const pattern of agreeing.filter((one) => one !== "[]"))
  test(`/${pattern}/ matches what JavaScript matches`, () => {
    const matcher = createLinearMatcher(pattern);
    const reference = new RegExp(pattern);
    for (const text of texts) assert.equal(matcher.test(text), reference.test(text), JSON.stringify(text));
  });

test("random patterns match what JavaScript matches", () => {
  let seed = 7;
  const draw = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const make = (depth: number): string => {
    const kinds = ["a", "b", ".", "[ab]", "[^a]", "\\w", "", "^", "$"];
    if (depth === 0) return kinds[draw(kinds.length)]!;
    const choices = [
      () => make(depth - 1) + make(depth - 1),
      () => `(${make(depth - 1)}|${make(depth - 1)})`,
      () => `(?:${make(depth - 1)})${["*", "+", "?", "{1,2}", "{2}", "{0,}"][draw(6)]}`,
      () => make(0),
    ];
    return choices[draw(choices.length)]!();
  };
  const inputs = ["", "a", "b", "ab", "ba", "aab", "abab", "a\nb", "bbb"];
  for (let turn = 0; turn < 2000; turn++) {
    const pattern = make(3);
    const matcher = createLinearMatcher(pattern);
    for (const input of inputs)
      assert.equal(matcher.test(input), new RegExp(pattern).test(input), `${pattern} on ${JSON.stringify(input)}`);
  }
});

const refused: { pattern: string; position: number }[] = [
  { pattern: "(a", position: 0 },
  { pattern: "a)", position: 1 },
  { pattern: "[a", position: 0 },
  { pattern: "*a", position: 0 },
  { pattern: "a**", position: 2 },
  { pattern: "a{1,", position: 1 },
  { pattern: "a{3,2}", position: 1 },
  { pattern: "a{101}", position: 1 },
  { pattern: "(a)\\1", position: 3 },
  { pattern: "(?=a)", position: 0 },
  { pattern: "(?i)a", position: 0 },
  { pattern: "a\\", position: 1 },
  { pattern: "[b-a]", position: 1 },
  { pattern: "[\\d-z]", position: 1 },
  { pattern: "^*", position: 1 },
  { pattern: "a".repeat(257), position: 256 },
  { pattern: "((a{100}){100}){100}", position: 0 },
  { pattern: "(".repeat(30), position: 21 },
];
for (const { pattern, position } of refused)
  test(`/${pattern.slice(0, 30)}/ is refused, and where`, () => {
    assert.throws(
      () => createLinearMatcher(pattern),
      (error) => error instanceof PatternFault && error.position === position && error.message.length > 10,
    );
  });

/** Each takes a backtracking engine longer than anyone lives. */
const hostile: { pattern: string; text: string }[] = [
  { pattern: "^(a+)+$", text: `${"a".repeat(8000)}!` },
  { pattern: "^(a|a)*$", text: `${"a".repeat(8000)}!` },
  { pattern: "^(a|aa)+$", text: `${"a".repeat(8000)}!` },
  { pattern: "(a*)*b", text: "a".repeat(8000) },
  { pattern: "(x+x+)+y", text: "x".repeat(8000) },
  { pattern: "^([a-z0-9]+[-.]?)*@", text: "a".repeat(8000) },
  { pattern: ".*.*.*.*.*.*.*.*=.*", text: "a".repeat(8000) },
  { pattern: "(a?){50}a{50}b", text: "a".repeat(8000) },
];
for (const { pattern, text } of hostile)
  test(`/${pattern}/ ends quickly on a hostile text`, () => {
    const start = performance.now();
    assert.equal(createLinearMatcher(pattern).test(text), false);
    const took = performance.now() - start;
    assert.ok(took < 1000, `${took} ms`);
  });
