import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import test, { type TestContext } from "node:test";
import { directoryWith, until } from "../testing.ts";
import { claimLogFile } from "./file-claim.ts";

function claimIn(t: TestContext, directory: string, more: { instance?: string; onLost?: () => void } = {}) {
  const claim = claimLogFile(directory, { name: "tier", instance: "one", onLost: () => {}, ...more });
  t.after(() => claim.release());
  return claim;
}

test("the first has the file, another one beside it, and each knows", (t) => {
  const directory = directoryWith(t, {});
  const [first, second, third] = [1, 2, 3].map(() => claimIn(t, directory));
  assert.deepEqual([first?.file, first?.heldBy], [`${directory}/tier.log`, undefined]);
  assert.deepEqual([second?.file, second?.heldBy], [`${directory}/tier.one.log`, `${hostname()}-${process.pid}`]);
  assert.match(basename(third?.file ?? ""), /^tier\.one\.[-0-9a-f]{36}\.log$/);
});

test("who ends gives the file back", (t) => {
  const directory = directoryWith(t, {});
  claimIn(t, directory).release();
  assert.equal(existsSync(join(directory, "tier.log.lock")), false);
  assert.equal(claimIn(t, directory).heldBy, undefined);
});

const dead = async (): Promise<number> => {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
};
const longAgo = new Date(Date.now() - 120_000);
const marks = [
  { name: "a process of this machine that lives", mark: () => `${hostname()} 1 x`, taken: false },
  { name: "a process of this machine that is dead", mark: async () => `${hostname()} ${await dead()} x`, taken: true },
  { name: "an earlier process of the same number", mark: () => `${hostname()} ${process.pid} x`, taken: true },
  { name: "a process elsewhere that renews its claim", mark: () => "elsewhere 1 x", taken: false },
  { name: "a process elsewhere that is silent", mark: () => "elsewhere 1 x", when: longAgo, taken: true },
  { name: "a process of this machine that hangs", mark: () => `${hostname()} 1 x`, when: longAgo, taken: true },
];
for (const { name, mark, when, taken } of marks) {
  test(`the claim of ${name} is ${taken ? "taken over" : "respected"}`, async (t) => {
    const directory = directoryWith(t, { "tier.log.lock": await mark() });
    if (when) utimesSync(join(directory, "tier.log.lock"), when, when);
    assert.equal(claimIn(t, directory).heldBy === undefined, taken);
  });
}

test("who lost the file to another learns of it", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const directory = directoryWith(t, {});
  let lost = 0;
  const claim = claimIn(t, directory, { onLost: () => (lost += 1) });
  writeFileSync(join(directory, "tier.log.lock"), "elsewhere 1 x");
  t.mock.timers.tick(10_000);
  await until("it has looked", () => lost === 1);
  claim.release();
  assert.equal(readFileSync(join(directory, "tier.log.lock"), "utf8"), "elsewhere 1 x");
});

test("a directory that is a file gives no claim, and does not end the process", (t) => {
  const directory = directoryWith(t, { log: "" });
  assert.equal(claimIn(t, join(directory, "log")).file, join(directory, "log", "tier.log"));
});
