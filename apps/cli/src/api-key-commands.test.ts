import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { securityProcess } from "@tandem/tiers/security-process";
import { keysFolder, startTier } from "@tandem/tiers/testing";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tandem keys` with these arguments until it ends. */
const keys = (args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, "main.ts"), "keys", ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });

const form = /^tdm_demo_[0-9A-Za-z]{49}\n$/;
const given = ["--name", "nightly export", "--owner", "reports", "--scope", "orders:read", "--label", "demo"];

/** A gateway that takes keys from a file, and what names its admin plane. */
async function gateway(t: TestContext, apiKeys = true) {
  const folder = await keysFolder(t);
  const file = join(folder, "keys.yaml");
  writeFileSync(file, "keys: []\n");
  writeFileSync(join(folder, "token"), "the-admin-token-of-the-tests\n");
  const { adminPort } = await startTier(t, securityProcess, {
    folder,
    section: {
      listen: { host: "127.0.0.1", port: 0 },
      assertion: { keys: "assertion-keys" },
      routingTier: { discovery: "static", instances: ["http://127.0.0.1:1"] },
      ...(apiKeys && { apiKeys: { file } }),
    },
  });
  const target = ["--admin", `http://127.0.0.1:${adminPort}`, "--token-file", join(folder, "token")];
  return { file, target };
}

/** What both ways of working are held to. */
async function wholeLife(target: readonly string[]): Promise<void> {
  const made = await keys(["create", ...given, "--expires", "90d", ...target]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, form, "the secret is all of stdout");
  assert.match(made.stderr, /nobody can show again/);
  const [id = ""] = /ak_[a-z2-7]{12}/.exec(made.stderr) ?? [];

  const listed = await keys(["list", ...target]);
  assert.match(listed.stdout, /^ID +STATE +OWNER +NAME +SCOPES +EXPIRES +LAST USED\nak_/);
  assert.match(listed.stdout, new RegExp(`^${id} +active +reports +nightly export +orders:read +20\\d\\d-`, "m"));
  const json = JSON.parse((await keys(["list", "--json", ...target])).stdout);
  assert.deepEqual(Object.keys(json[0]).toSorted(), [
    "createdAt",
    "expiresAt",
    "id",
    "label",
    "name",
    "owner",
    "scopes",
    "state",
  ]);

  const rotated = await keys(["rotate", id, "--overlap", "2h", ...target]);
  assert.match(rotated.stdout, form);
  assert.notEqual(rotated.stdout, made.stdout);
  assert.match(rotated.stderr, /old secrets until +20/);
  const atOnce = JSON.parse((await keys(["rotate", id, "--now", "--json", ...target])).stdout);
  assert.deepEqual([atOnce.key.id, atOnce.key.previousUntil], [id, undefined]);

  const revoked = await keys(["revoke", id, ...target]);
  assert.match(revoked.stdout, /^state +revoked$/m);
  const shown = await keys(["show", id, ...target]);
  assert.equal(shown.stdout, revoked.stdout);
  for (const { stdout, stderr } of [listed, revoked, shown])
    for (const secret of [made.stdout, rotated.stdout, atOnce.secret])
      assert.ok(!(stdout + stderr).includes(secret.trim().slice(9)));

  const again = await keys(["rotate", id, ...target]);
  assert.deepEqual([again.code, again.stderr], [1, `the key ${id} is revoked: create another\n`]);
  const nobody = await keys(["show", "ak_nobody", ...target]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /^there is no API key /);
}

test("a key of a running gateway: made, listed, rotated, revoked", async (t) => {
  const { target } = await gateway(t);
  assert.match((await keys(["list", ...target])).stdout, /^There is no API key yet/);
  await wholeLife(target);
  const bad = await keys(["create", "--name", "x", "--owner", "a\nb", ...target]);
  assert.deepEqual([bad.code, bad.stdout], [1, ""]);
  assert.match(bad.stderr, /^owner: expected one line/);
});

test("a key in a file, where nothing runs: the file is made, for its owner alone", async (t) => {
  const file = join(directoryWith(t, {}), "keys.yaml");
  await wholeLife(["--file", file]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const bad = await keys(["create", "--name", "x", "--owner", "a\nb", "--file", file]);
  assert.match(bad.stderr, /^owner: expected one line/);
});

test("a gateway without API keys says what to configure", async (t) => {
  const { target } = await gateway(t, false);
  const { code, stderr } = await keys(["list", ...target]);
  assert.equal(code, 1);
  assert.match(stderr, /takes no API keys: its configuration has no security\.apiKeys/);
});

const planes: { name: string; answer: RequestListener; says: RegExp }[] = [
  {
    name: "another token",
    answer: (_, response) => void response.writeHead(401).end(),
    says: /does not accept the admin token/,
  },
  {
    name: "a web site",
    answer: (_, response) => void response.end("<html>"),
    says: /is it an admin plane of Tandem\?/,
  },
  {
    name: "trouble",
    answer: (_, response) => void response.writeHead(503).end('{"title":"no"}'),
    says: /answered 503: no/,
  },
];
for (const { name, answer, says } of planes)
  test(`an admin plane with ${name} is an error that names it`, async (t) => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const plane = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const token = join(directoryWith(t, { token: "x" }), "token");
    const { code, stderr } = await keys(["list", "--admin", plane, "--token-file", token]);
    assert.equal(code, 1);
    assert.match(stderr, says);
    assert.ok(stderr.startsWith(plane), stderr);
  });
