import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { tokenDigest } from "@tandem/identity/revocation/token-digest";
import { directoryWith } from "@tandem/platform/testing";
import { securityProcess } from "@tandem/tiers/security-process";
import { keysFolder, startTier } from "@tandem/tiers/testing";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenUntil = (exp: number): string => `${part({ alg: "RS256" })}.${part({ exp })}.c2lnbmF0dXJl`;

/** A security gateway that runs, and the command that speaks to it. */
async function start(t: TestContext) {
  const section = {
    listen: { host: "127.0.0.1", port: 0 },
    assertion: { keys: "assertion-keys" },
    routingTier: { discovery: "static", instances: ["http://127.0.0.1:1"] },
  };
  const tier = await startTier(t, securityProcess, { folder: await keysFolder(t), section });
  const folder = directoryWith(t, { token: "the-admin-token-of-the-tests\n", other: "another\n" });
  const run = async (args: readonly string[], { stdin = "", token = "token" } = {}) => {
    const target = ["--admin", `http://127.0.0.1:${tier.adminPort}`, "--token-file", join(folder, token)];
    const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "revoke", ...args, ...target]);
    child.stdin.end(stdin);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) child[name].on("data", (data) => (output[name] += String(data)));
    const [code] = await once(child, "close");
    return { code, ...output };
  };
  const list = async (): Promise<Record<string, string>[]> => {
    const answer: any = await (await tier.admin("/revocations")).json();
    return answer.revocations;
  };
  return { run, list, tier };
}

test("each kind is revoked, and what is in force is said", async (t) => {
  const { run, list } = await start(t);
  for (const { args, shown, says } of [
    {
      args: ["id", "7", "--issuer", "https://a.test"],
      shown: { kind: "id", id: "7", issuer: "https://a.test" },
      says: /: id 7$/m,
    },
    {
      args: ["subject", "alice", "--before", "2026-01-31T12:00:00Z", "--until", "90d"],
      shown: { kind: "subject", subject: "alice", before: "2026-01-31T12:00:00.000Z" },
      says: /: subject alice, all that was given up to 2026-01-31T12:00:00\.000Z$/m,
    },
    {
      args: ["client", "app"],
      shown: { kind: "client", client: "app" },
      says: /: client app, all that was given up to /,
    },
    { args: ["session", "s"], shown: { kind: "session", session: "s" }, says: /: session s$/m },
    { args: ["key", "k"], shown: { kind: "key", keyId: "k" }, says: /: key k$/m },
  ]) {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual([code, /^revoked until \d{4}-/.test(stdout)], [0, true], stderr);
    assert.match(stdout, says);
    assert.match(stderr, /no other gateway knows of it/);
    const found = (await list()).find(({ kind }) => kind === args[0]);
    assert.deepEqual({ ...found, ...shown }, found);
  }
});

for (const { name, args, stdin } of [
  { name: "typed", args: (token: string) => ["token", token], stdin: () => "" },
  { name: "from stdin", args: () => ["token", "--from", "-"], stdin: (token: string) => `${token}\n` },
])
  test(`a token that is ${name} goes by its digest, for as long as it lives, and is shown nowhere`, async (t) => {
    const { run, list, tier } = await start(t);
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const token = tokenUntil(exp);
    const { code, stdout, stderr } = await run(args(token), { stdin: stdin(token) });
    assert.equal(code, 0, stderr);
    const until = new Date(exp * 1000 + 300_000).toISOString();
    assert.deepEqual(await list(), [{ kind: "token", digest: tokenDigest(token), until }]);
    const seen = stdout + stderr + JSON.stringify(tier.lines);
    assert.ok(!seen.includes(token.slice(0, 20)) && !seen.includes("c2lnbmF0dXJl"));
  });

for (const { name, args, options = {}, says } of [
  { name: "an empty value", args: ["subject", "--from", "-"], says: /^the value is empty\n$/ },
  { name: "a token with white space", args: ["token", "a b"], says: /^this is no token/ },
  { name: "a token that has expired", args: ["token", tokenUntil(1_000_000_000)], says: /^the token has expired/ },
  { name: "an end that has passed", args: ["id", "7", "--until", "2020-01-01"], says: /^until: is over already\n$/ },
  {
    name: "another token of an admin",
    args: ["id", "7"],
    options: { token: "other" },
    says: /does not accept the admin/,
  },
])
  test(`with ${name} nothing is revoked: exit code 1, and why`, async (t) => {
    const { run, list } = await start(t);
    const { code, stdout, stderr } = await run(args, options);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, says);
    assert.deepEqual(await list(), []);
  });

test("a gateway that is not there is named", async (t) => {
  const { run, tier } = await start(t);
  await tier.close();
  const { code, stderr } = await run(["id", "7"]);
  assert.equal(code, 1);
  assert.match(stderr, /^http:\/\/127\.0\.0\.1:\d+ does not answer: is Tandem running\?/);
});
