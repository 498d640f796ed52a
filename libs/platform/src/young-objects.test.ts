import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const module = pathToFileURL(`${import.meta.dirname}/young-objects.ts`).href;

/** What V8 decides about the objects of one place in the code, all of which survive. */
async function decisions(before: string): Promise<string> {
  const program = `
    ${before}
    const kept = [];
    for (let number = 0; number < 500_000; number++) kept.push({ number, parts: [number] });`;
  const flags = ["--trace-pretenuring-statistics", "--max-semi-space-size=1", "--input-type=module"];
  const { stdout } = await run(process.execPath, [...flags, "--eval", program], { maxBuffer: 16_777_216 });
  return stdout;
}

test("V8 makes objects among the old once it has seen their like survive", async () =>
  assert.match(await decisions(""), /=> tenure/));

test("told not to, it does not", async () =>
  assert.doesNotMatch(await decisions(`import { makeAllYoung } from "${module}"; makeAllYoung();`), /=> tenure/));
