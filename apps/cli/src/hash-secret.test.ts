import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import { derive, readScryptHash } from "@tandem/identity/issuers/scrypt-hash";
import { isMarkedSecret } from "@tandem/identity/marked-secret";

/** Runs `tandem hash-secret` with this on stdin. */
async function hashSecret(args: readonly string[], input: string | Buffer = "") {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "hash-secret", ...args]);
  // It may not read what it has no use for.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  return { code: await code, stdout, stderr };
}

const generated = "0123456789abcdefghijklmnopqrstuv";

for (const { name, end } of [
  { name: "as it is", end: "" },
  { name: "with the end of a line", end: "\n" },
  { name: "with the end of a line of Windows", end: "\r\n" },
])
  test(`a generated secret, ${name}, comes to its SHA-256`, async () => {
    const { code, stdout, stderr } = await hashSecret([], generated + end);
    assert.deepEqual([code, stdout, stderr], [0, `sha256:${hash("sha256", generated)}\n`, ""]);
  });

test("a chosen secret comes to a hash by scrypt, of which it is one again", async () => {
  const { code, stdout, stderr } = await hashSecret(["--scrypt"], "grün ist die Heide\n");
  assert.deepEqual([code, stderr], [0, ""]);
  const read = readScryptHash(stdout.trimEnd());
  assert.ok(typeof read === "object");
  assert.deepEqual(await derive("grün ist die Heide", read), read.digest);
});

test("a secret is made: it is on stderr, and on stdout nothing but its hash", async () => {
  const { code, stdout, stderr } = await hashSecret(["--generate"]);
  assert.equal(code, 0);
  const secret = /^the secret, shown this one time: (\S+)\n$/.exec(stderr)?.[1] ?? "";
  assert.ok(isMarkedSecret(secret, "tdc"));
  assert.equal(stdout, `sha256:${hash("sha256", secret)}\n`);
});

const refused: { name: string; args?: string[]; input: string | Buffer; says: RegExp }[] = [
  { name: "nothing", input: "", says: /expected the secret on stdin/ },
  { name: "an empty line", input: "\n", says: /expected the secret on stdin/ },
  { name: "two lines", input: `${generated}\n${generated}\n`, says: /expected the secret on stdin/ },
  { name: "bytes that are no text", input: Buffer.alloc(32, 0xff), says: /expected the secret on stdin/ },
  { name: "more than any request can hold", input: "x".repeat(100_000), says: /at most 1024 bytes/ },
  { name: "a chosen secret without --scrypt", input: "hunter2hunter2", says: /give --scrypt/ },
  { name: "a chosen secret of a few characters", args: ["--scrypt"], input: "hunter2", says: /is guessed/ },
];
for (const { name, args = [], input, says } of refused)
  test(`${name} is refused with exit code 1, and not shown`, async () => {
    const { code, stdout, stderr } = await hashSecret(args, input);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /hunter2|0123/);
  });

test("a generated secret needs no slow hash: that is misuse", async () => {
  const { code, stderr } = await hashSecret(["--generate", "--scrypt"]);
  assert.equal(code, 2);
  assert.match(stderr, /cannot be used with/);
});

test("there is help", async () => {
  const { code, stdout } = await hashSecret(["--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /--scrypt[^]*--generate/);
});
