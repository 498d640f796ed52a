import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startProgram } from "@tandem/tiers/testing";

const program = join(import.meta.dirname, "main.ts");
const start = (t: TestContext, ...args: string[]) => startProgram(t, program, args);

/** A file for this tier alone, on free ports, in front of a routing gateway that is not there. */
function fileOf(t: TestContext, changes: Record<string, unknown> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "security-gateway-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "keys"));
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  writeFileSync(join(folder, "keys/one.json"), JSON.stringify({ ...jwk, kid: "one", alg: "EdDSA" }));
  const security = {
    listen: { port: 0 },
    admin: { port: 0 },
    assertion: { keys: "keys" },
    routingTier: { discovery: "static", instances: ["http://127.0.0.1:1"] },
    ...changes,
  };
  const file = join(folder, "tandem.yaml");
  writeFileSync(file, JSON.stringify({ security }, undefined, 2));
  return file;
}

test("it starts with nothing behind it, says so to its callers, and ends with 0 when it is told to", async (t) => {
  const { child, started, ended } = start(t, "--config", fileOf(t));
  const { port, admin } = await started();
  const ready = await fetch(`http://127.0.0.1:${admin}/readyz`);
  assert.deepEqual(await ready.json(), { ready: true, checks: { revocations: "ok", "routing tier": "ok" } });
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  const problem = (await answer.json()) as { type: string };
  assert.deepEqual([answer.status, problem.type], [502, "urn:tandem:problem:tier.refused"]);
  child.kill("SIGTERM");
  assert.equal((await ended).code, 0);
});

test("a fault in its file is a line with its place, and exit code 1", async (t) => {
  const { code, output } = await start(t, "--config", fileOf(t, { bodyLimt: "1MiB" })).ended;
  assert.equal(code, 1);
  assert.match(output, /tandem\.yaml:\d+:\d+ {2}security\.bodyLimt: unknown key; did you mean "bodyLimit"\?/);
});

test("a file that it needs and does not find is a line with the place that names it, and exit code 1", async (t) => {
  const { code, output } = await start(t, "--config", fileOf(t, { assertion: { keys: "nowhere" } })).ended;
  assert.equal(code, 1);
  assert.match(output, /^\S+tandem\.yaml:\d+:\d+ {2}security\.assertion\.keys: \S+\/nowhere does not exist\n$/);
});

test("what keeps it from starting is a line in its log, and exit code 1", async (t) => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  t.after(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  const { code, output } = await start(t, "--config", fileOf(t, { listen: { port } })).ended;
  assert.equal(code, 1);
  assert.match(output, new RegExp(`"message":"this tier cannot start".*${port}`));
});

for (const args of [[], ["--confg", "x"], ["tandem.yaml"]])
  test(`called with ${args.join(" ") || "nothing"}, it says how to call it, with exit code 2`, async (t) => {
    const { code, output } = await start(t, ...args).ended;
    assert.equal(code, 2);
    assert.match(output, /usage: security-gateway --config FILE/);
  });
