import assert from "node:assert/strict";
import { test } from "node:test";
import { directoryWith } from "../testing.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { readYaml } from "./yaml-source.ts";

const cases: { name: string; yaml: string; within: number; at: string; line: string; caret: string }[] = [
  { name: "plain", yaml: "when: a == bad", within: 5, at: "1:12", line: "a == bad", caret: "bad" },
  { name: "in quotes", yaml: "when: 'a == bad'", within: 5, at: "1:13", line: "'a == bad'", caret: "bad" },
  { name: "behind escapes", yaml: 'when: "a == \\"x\\" && bad"', within: 12, at: "1:22", line: '"a == \\"x\\" && bad"', caret: "bad" },
  { name: "in a flow", yaml: "{ when: a == bad, secret: hunter2 }", within: 5, at: "1:14", line: "a == bad", caret: "bad" },
  { name: "in a block", yaml: "when: |\n  a == b &&\n    bad\n", within: 12, at: "3:5", line: "bad", caret: "bad" },
  { name: "in a folded block", yaml: "when: >-\n  a == b &&\n  bad == c\n", within: 10, at: "3:3", line: "bad == c", caret: "bad" },
  { name: "over lines", yaml: "when: a == b &&\n  bad == c", within: 10, at: "2:3", line: "bad == c", caret: "bad" },
  { name: "at the end", yaml: "when: a ==", within: 4, at: "1:11", line: "a ==", caret: "" },
]; // prettier-ignore
for (const { name, yaml, within, at, line, caret } of cases)
  test(`a fault within a text is pointed at: ${name}`, (t) => {
    const file = `${directoryWith(t, { "a.yaml": yaml })}/a.yaml`;
    const { source } = readYaml(file);
    assert.ok(source);
    const told = formatDiagnostic(source.locate({ path: ["when"], message: "no", within })).split("\n");
    assert.equal(told[0], `${file}:${at}  when: no`);
    assert.equal(told[1], `    ${line}`);
    assert.ok(told[1]?.slice(told[2]?.indexOf("^")).startsWith(caret), told.join("\n"));
  });

test("a line that is too long is cut around the place", (t) => {
  const file = `${directoryWith(t, { "a.yaml": `when: ${"a".repeat(500)} bad ${"b".repeat(500)}` })}/a.yaml`;
  const { source } = readYaml(file);
  const [, line = "", caret = ""] = formatDiagnostic(
    source!.locate({ path: ["when"], message: "no", within: 501 }),
  ).split("\n");
  assert.ok(line.length < 120 && line.slice(caret.indexOf("^")).startsWith("bad"));
});
