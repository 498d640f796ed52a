import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { formatDiagnostic } from "./diagnostic.ts";
import { directoryWith } from "../testing.ts";
import { readYaml } from "./yaml-source.ts";

function problemsOf(t: TestContext, content: string | Uint8Array): string[] {
  const directory = directoryWith(t, { "gw.yaml": content });
  const { diagnostics } = readYaml(join(directory, "gw.yaml"));
  return diagnostics.map((diagnostic) => formatDiagnostic({ ...diagnostic, file: "gw.yaml" }));
}

const anchors = `a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b]
d: [*c,*c,*c,*c,*c,*c]
`;

const broken: { name: string; given: string | Uint8Array; expected: string[] }[] = [
  { name: "an empty file", given: "", expected: ["gw.yaml:1:1  the file is empty; expected a mapping of sections"] },
  {
    name: "nothing but a comment",
    given: "# later\n",
    expected: ["gw.yaml:1:1  the file is empty; expected a mapping of sections"],
  },
  { name: "a list", given: "\n- a\n", expected: ["gw.yaml:2:1  found no mapping; expected a mapping of sections"] },
  { name: "a tab", given: "a:\n\tb: 1\n", expected: ["gw.yaml:2:1  a tab; expected spaces"] },
  {
    name: "an unclosed list",
    given: "a: [1, 2\n",
    expected: ["gw.yaml:2:1  flow sequence in block collection must be sufficiently indented and end with a ]"],
  },
  { name: "a duplicate key", given: "a:\n  b: 1\n  b: 2\n", expected: ['gw.yaml:3:3  duplicate key "b"'] },
  { name: "a duplicate key in quotes", given: "a b: 1\n'a b': 2\n", expected: ['gw.yaml:2:1  duplicate key "a b"'] },
  {
    name: "a second document",
    given: "a: 1\n---\nb: 2\n",
    expected: ["gw.yaml:2:1  a second document; expected one in a file"],
  },
  { name: "an unknown tag", given: "a: !include b.yaml\n", expected: ["gw.yaml:1:4  unresolved tag: !include"] },
  { name: "an alias of nothing", given: "a: *b\n", expected: ['gw.yaml:1:4  no anchor "&b" before this alias'] },
  {
    name: "a bomb of aliases",
    given: anchors,
    expected: ["gw.yaml:2:8  the aliases of this file stand for more than 50 copies"],
  },
  {
    name: "a merge key",
    given: "a: &a { b: 1 }\nc:\n  <<: *a\n",
    expected: ["gw.yaml:3:3  merge keys are not supported"],
  },
  {
    name: "a key of the prototype",
    given: "a:\n  __proto__: 1\n",
    expected: ['gw.yaml:2:3  "__proto__" cannot be a name'],
  },
  { name: "a key that is a list", given: "? [a]\n: 1\n", expected: ["gw.yaml:1:3  a key must be a plain word"] },
  {
    name: "bytes that are no UTF-8",
    given: Uint8Array.of(0x61, 0x3a, 0x20, 0xff),
    expected: ["gw.yaml:1:1  the file is not UTF-8 text"],
  },
];

for (const { name, given, expected } of broken) {
  test(`${name} is told with its place`, (t) => assert.deepEqual(problemsOf(t, given), expected));
}

for (const [name, given] of [
  ["lists in brackets", `a: ${"[".repeat(20_000)}`],
  ["lists that are closed again", `a: ${"[".repeat(5000)}${"]".repeat(5000)}`],
  ["lists of dashes", `${"- ".repeat(20_000)}x`],
  ["mappings", `${"{ a: ".repeat(20_000)}1`],
] as const) {
  test(`a depth of ${name} that would exhaust the stack is told, and ends nothing`, (t) => {
    const problems = problemsOf(t, given);
    assert.match(problems.join("\n"), /^gw\.yaml:1:\d+ {2}nested too deeply$/);
  });
}

test("the line of a syntax error is not quoted, for it may hold a secret", (t) => {
  const problems = problemsOf(t, 'a: "hunter2\nb: 1\n');
  assert.notEqual(problems.length, 0);
  assert.doesNotMatch(problems.join(), /hunter2/);
});

test("a missing file, a directory and a pipe are told as such, and nothing waits for the pipe", (t) => {
  const directory = directoryWith(t, {});
  execFileSync("mkfifo", [join(directory, "pipe")]);
  const messages = ["none.yaml", ".", "pipe"].map((name) => readYaml(join(directory, name)).diagnostics[0]?.message);
  assert.deepEqual(messages, ["the file does not exist", "the file is a directory", "the file is not a regular file"]);
});

test("anchors and aliases in reason are read", (t) => {
  const directory = directoryWith(t, { "gw.yaml": "a: &x { b: 1 }\nc: *x\n" });
  const { source, diagnostics } = readYaml(join(directory, "gw.yaml"));
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(source?.data, { a: { b: 1 }, c: { b: 1 } });
});

const text = `top:
  list:
    - name: one
      size: 3
    - { name: two }
  empty:
  other: &anchor
    deep: 1
again: *anchor
`;
const places: { path: (string | number)[]; at?: "value" | "key" | "parent"; expected: string; name: string }[] = [
  { name: "a value", path: ["top", "list", 0, "size"], expected: "4:13" },
  { name: "a key", path: ["top", "list", 0, "size"], at: "key", expected: "4:7" },
  { name: "a list item", path: ["top", "list", 1], expected: "5:7" },
  {
    name: "a missing key, at the item it is missing from",
    path: ["top", "list", 1, "size"],
    at: "parent",
    expected: "5:7",
  },
  { name: "a missing key, at the key of the mapping", path: ["top", "size"], at: "parent", expected: "1:1" },
  { name: "an empty value, at its key", path: ["top", "empty"], expected: "6:3" },
  { name: "a value behind an alias, where it is written", path: ["again", "deep"], expected: "8:11" },
  { name: "a default, at the last thing that is there", path: ["top", "other", "x", "y"], expected: "7:3" },
  { name: "a list item that is not there", path: ["top", "list", 9], expected: "2:3" },
  { name: "nothing at all", path: [], expected: "1:1" },
];
for (const { name, path, at = "value", expected } of places) {
  test(`points at ${name}`, (t) => {
    const directory = directoryWith(t, { "gw.yaml": text });
    const { source } = readYaml(join(directory, "gw.yaml"));
    const place = source?.locate({ path, at, message: "" });
    assert.equal(`${place?.line}:${place?.column}`, expected);
  });
}
