import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { directoryWith } from "@tandem/platform/testing";

/** What a run of these test files says, and its exit code. */
function reported(t: Parameters<typeof directoryWith>[0], files: Readonly<Record<string, string>>) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const reporter = join(import.meta.dirname, "report-failures.ts");
  const { status, stdout } = spawnSync(process.execPath, ["--test", `--test-reporter=${reporter}`], {
    cwd: directoryWith(t, files),
    env,
    encoding: "utf8",
  });
  return { status, stdout };
}

test("what passes is a number, and what was skipped says why", (t) => {
  const { status, stdout } = reported(t, {
    "a.test.mjs": `import { test } from "node:test";
      test("one", () => {});
      test("two", { skip: "there is no Redis here" }, () => {});`,
  });
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^SKIPPED a\.test\.mjs:3 two: there is no Redis here\n1 of 2 tests passed in [\d.]+ s, 1 skipped\n$/,
  );
});

test("what failed says why, once, and its place again at the end", (t) => {
  const { status, stdout } = reported(t, {
    "a.test.mjs": `import { test } from "node:test";
      import { equal } from "node:assert";
      test("parent", (t) => t.test("child", () => { console.error("a hint"); equal(1, 2); }));`,
    "b.test.mjs": `import "./missing.mjs";`,
  });
  assert.equal(status, 1);
  assert.equal(stdout.match(/AssertionError/g)?.length, 1);
  assert.match(stdout, /a\.test\.mjs said:\na hint/);
  assert.match(stdout, /b\.test\.mjs said:\n[^]*Cannot find module [^]*missing\.mjs/);
  assert.match(stdout, /\nFAILED a\.test\.mjs:3 child\nFAILED b\.test\.mjs:1 b\.test\.mjs\n$/);
});

const ends = [
  {
    name: "whose process goes with all well",
    test: `test("one", () => process.exit(0)); test("two", () => { throw new Error(); });`,
    says: /\nFAILED a\.test\.mjs ended before its tests were through, or has none\n$/,
  },
  {
    name: "that crashes behind a test that is still to do",
    test: `test("one", { todo: true }, () => { throw new Error(); });
      test("two", () => new Promise(() => setTimeout(() => { console.error("a hint"); process.exit(7); }, 50)));`,
    says: /a\.test\.mjs said:\na hint\nFAILED a\.test\.mjs ended before its tests were through, or has none\n$/,
  },
  {
    name: "that crashes behind a test that failed",
    test: `test("one", () => { throw new Error("a hint"); });
      test("two", () => new Promise(() => setTimeout(() => process.exit(7), 50)));`,
    says: /a hint[^]*\nFAILED a\.test\.mjs:1 one\nFAILED a\.test\.mjs ended before its tests were through, or has none\n$/,
  },
  {
    name: "in which something is thrown behind its test",
    test: `test("one", () => void setTimeout(() => { throw new Error("too late"); }, 20));`,
    says: /exit code 1, signal null[^]*a\.test\.mjs said:\n[^]*too late[^]*\nFAILED a\.test\.mjs:1 a\.test\.mjs\n$/,
  },
  {
    name: "that is killed",
    test: `test("one", () => process.kill(process.pid, "SIGKILL"));`,
    says: /exit code null, signal SIGKILL[^]*\nFAILED a\.test\.mjs:1 a\.test\.mjs\n$/,
  },
];
for (const { name, test: code, says } of ends)
  test(`a file ${name} is a failure, and says why`, (t) => {
    const { status, stdout } = reported(t, {
      "a.test.mjs": `import { test } from "node:test"; ${code}`,
      "b.test.mjs": `import { test } from "node:test"; test("fine", () => {});`,
    });
    assert.equal(status, 1);
    assert.match(stdout, says);
  });

test("a run that is broken off says what was running, and what had failed", (t) => {
  const files = {
    "a.test.mjs": `import { test } from "node:test";
      test("one", () => { throw new Error("a hint"); });
      test("two", () => new Promise(() => {
        setTimeout(() => process.kill(process.ppid, "SIGINT"), 300);
        setTimeout(() => process.exit(), 5000);
      }));`,
  };
  const { status, stdout } = reported(t, files);
  assert.notEqual(status, 0);
  assert.match(stdout, /a\.test\.mjs:2 one\nError: a hint\n[^]*\nINTERRUPTED a\.test\.mjs:/);
});
