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
  assert.match(stdout, /a\.test\.mjs wrote to stderr:\na hint/);
  assert.match(stdout, /b\.test\.mjs wrote to stderr:\n[^]*Cannot find module [^]*missing\.mjs/);
  assert.match(stdout, /\nFAILED a\.test\.mjs:3 child\nFAILED b\.test\.mjs:1 b\.test\.mjs\n$/);
});
