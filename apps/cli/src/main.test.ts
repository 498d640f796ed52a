import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tandem` with these arguments until it ends. */
const tandem = (args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });

const misused: { args: string[]; says: RegExp }[] = [
  { args: [], says: /Usage: tandem/ },
  { args: ["chek"], says: /unknown command 'chek'/ },
  { args: ["check"], says: /missing required argument 'file'/ },
  { args: ["check", "a.yaml", "b.yaml"], says: /too many arguments/ },
  { args: ["check", "a.yaml", "--teir", "routing"], says: /unknown option '--teir'\n\(Did you mean --tier/ },
  { args: ["check", "a.yaml", "--tier", "third"], says: /'third' is invalid/ },
  { args: ["dev", "--config"], says: /argument missing/ },
  { args: ["policy"], says: /Usage: tandem policy/ },
  { args: ["policy", "test"], says: /missing required argument 'file'/ },
  { args: ["trace"], says: /missing required argument 'id'/ },
  { args: ["keys"], says: /Usage: tandem keys/ },
  { args: ["keys", "create", "--name", "x"], says: /required option '--owner/ },
  { args: ["keys", "create", "--name", "x", "--owner", "y", "--expires", "soon"], says: /a date such as 2027-01-31/ },
  { args: ["keys", "show"], says: /missing required argument 'id'/ },
  { args: ["keys", "rotate", "ak_x", "--overlap", "long"], says: /Expected a duration such as/ },
  { args: ["keys", "rotate", "ak_x", "--now", "--overlap", "1h"], says: /contradict each other/ },
  { args: ["revoke", "user", "me"], says: /'user' is invalid.*Allowed choices are token, id/ },
  { args: ["revoke", "subject"], says: /expected either a value or --from/ },
  { args: ["revoke", "subject", "me", "--from", "-"], says: /expected either a value or --from/ },
  { args: ["revoke", "subject", "me", "--before", "soon"], says: /a date such as/ },
  { args: ["revoke", "id", "7", "--before", "2026-01-01"], says: /--before is for subjects and clients/ },
  { args: ["revoke", "token", "a.b.c", "--issuer", "x"], says: /--issuer makes no sense/ },
  { args: ["keys", "init", "here"], says: /too many arguments/ },
];
for (const { args, says } of misused)
  test(`"tandem ${args.join(" ")}" is misuse: exit code 2, and why`, async () => {
    const { code, stderr } = await tandem(args);
    assert.equal(code, 2);
    assert.match(stderr, says);
  });

const failing: { args: string[]; says: RegExp }[] = [
  { args: ["check", "/nowhere/tandem.yaml"], says: /^\/nowhere\/tandem\.yaml:1:1 {2}the file does not exist\n$/ },
  {
    args: ["keys", "init", "--out", "/dev/null"],
    says: /^[^\n]* cannot be made in \/dev\/null: this is no folder\n$/m,
  },
  {
    args: ["keys", "list", "--file", "/nowhere/keys.yaml"],
    says: /^\/nowhere\/keys\.yaml:1:1 {2}the file does not exist/,
  },
  {
    args: ["keys", "create", "--name", "x", "--owner", "y", "--file", "/nowhere/keys.yaml"],
    says: /^\/nowhere\/keys\.yaml is in no folder that exists\n$/,
  },
  { args: ["keys", "list", "--token-file", "/nowhere"], says: /^the admin token cannot be read from \/nowhere / },
  { args: ["revoke", "id", "7", "--token-file", "/nowhere"], says: /^the admin token cannot be read from \/nowhere / },
  { args: ["revoke", "token", "--from", "/nowhere"], says: /^the value cannot be read from \/nowhere\n$/ },
  { args: ["trace", "0af7", "--token-file", "/nowhere"], says: /^the admin token cannot be read from \/nowhere / },
];
for (const { args, says } of failing)
  test(`"tandem ${args.join(" ")}" runs and fails: exit code 1, and why`, async () => {
    const { code, stderr } = await tandem(args);
    assert.equal(code, 1);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /^ +at /m);
  });

for (const args of [
  ["--help"],
  ["help"],
  ["check", "--help"],
  ["keys", "init", "--help"],
  ["keys", "create", "--help"],
  ["revoke", "--help"],
])
  test(`"tandem ${args.join(" ")}" is an answer: exit code 0, on stdout`, async () => {
    const { code, stdout, stderr } = await tandem(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Usage: tandem/);
  });
