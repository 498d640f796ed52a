// Keeps prose and code in step: what the documents name exists, and what exists is documented and tested.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { problems } from "@tandem/contracts/errors";
import { responseFlags } from "@tandem/contracts/response-flags";
import { isTestFile } from "./check-boundaries.ts";

const root = resolve(import.meta.dirname, "..");
const find = (pattern: string) => globSync(pattern, { cwd: root, exclude: ["**/node_modules/**"] });
const read = (path: string) => readFileSync(join(root, path), "utf8");

test("every capability has a README and a test beside its code", () => {
  const capabilities = new Set(
    find("libs/*/src/**/{stage,config}.ts")
      .map(dirname)
      .filter((folder) => !folder.endsWith("src")),
  );
  assert.ok(capabilities.size > 5);
  for (const folder of capabilities) {
    assert.ok(existsSync(join(root, folder, "README.md")), `${folder} has no README.md`);
    assert.ok(find(`${folder}/*.test.ts`).length > 0, `${folder} has no test`);
  }
});

/** Folders of code that have no README, and why they need none. */
const selfEvident: Readonly<Record<string, string>> = {
  "libs/identity/src": "a few small things that its capabilities share; each says itself what it is for",
};

test("every folder of code says what it is for, if it holds more than one file", () => {
  const folders = Map.groupBy(
    find("libs/*/src/**/*.ts").filter((file) => !isTestFile(file)),
    (file) => dirname(file),
  );
  const readmeOf = (folder: string) => join(root, folder.replace(/\/src$/, ""), "README.md");
  const silent = [...folders].filter(([folder, files]) => files.length > 1 && !existsSync(readmeOf(folder)));
  assert.ok(folders.size > 20);
  assert.deepEqual(silent.map(([folder]) => folder).toSorted(), Object.keys(selfEvident).toSorted());
});

test("what a README links to is there", () => {
  for (const file of find("{apps,libs}/**/README.md"))
    for (const [, target] of read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      assert.ok(existsSync(join(root, dirname(file), target!)), `${file} links to ${target}`);
});

test("no capability README is longer than a page", () => {
  for (const file of find("libs/*/src/**/README.md")) {
    const lines = read(file).split("\n").length;
    assert.ok(lines <= 80, `${file} has ${lines} lines`);
  }
});

test("every project has a test", () => {
  for (const manifest of find("{apps,libs}/*/package.json"))
    assert.ok(find(`${dirname(manifest)}/**/*.test.ts`).length > 0, `${dirname(manifest)} has no test`);
});

test("the table of problems lists every code with its status and title, and no other", () => {
  const rows = [...read("libs/contracts/README.md").matchAll(/^\| `([a-z.-]+)` +\| (\d+) +\| (.+?) +\|$/gm)];
  const listed = Object.fromEntries(rows.map(([, code, status, title]) => [code, { status: Number(status), title }]));
  assert.deepEqual(listed, problems);
});

test("the table of response flags lists every one with its sentence, and no other", () => {
  const rows = [...read("libs/contracts/README.md").matchAll(/^\| `([a-z-]+)` +\| ([A-Z].*?) +\|$/gm)];
  assert.deepEqual(Object.fromEntries(rows.map(([, flag, sentence]) => [flag, sentence])), responseFlags);
});

test("every problem is expected by a test", () => {
  const tests = find("{apps,libs,tools}/**/*.test.ts").map(read).join("\n");
  const unseen = Object.keys(problems).filter(
    (code) => !tests.includes(`"${code}"`) && !tests.includes(`problem:${code}`),
  );
  assert.deepEqual(unseen, []);
});

test("the root README stays within 150 lines and its links lead somewhere", () => {
  const text = read("README.md");
  assert.ok(text.split("\n").length <= 150);
  for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
    assert.ok(existsSync(join(root, target!)), `README.md links to ${target}`);
});
