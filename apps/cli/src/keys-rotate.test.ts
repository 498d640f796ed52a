import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createKeyFile } from "@tandem/identity/keys/create-key-file";
import { directoryWith } from "@tandem/platform/testing";
import { keysFolder } from "@tandem/tiers/testing";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tandem keys rotate` with these arguments until it ends. */
const rotate = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const all = [join(import.meta.dirname, "main.ts"), "keys", "rotate", ...args];
    execFile(process.execPath, all, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });

const nowhere = { discovery: "static", instances: ["http://127.0.0.1:1"] };
const issuer = { name: "own", type: "embedded", issuer: "https://localhost:8443", audience: "a", keys: "token-keys" };

/** A configuration of both tiers, and the folder that it is in. */
async function world(t: TestContext, { published = true } = {}) {
  const folder = await keysFolder(t);
  await createKeyFile(join(folder, "service-keys"), { algorithm: "ES256" });
  const file = join(folder, "tandem.yaml");
  const route = { name: "a", match: { path: "/a" }, allow: "anyone", service: "a" };
  const config = {
    security: {
      listen: { host: "127.0.0.1" },
      issuers: [issuer],
      assertion: { keys: "assertion-keys", ...(published && { publish: "public-keys" }) },
      routingTier: nowhere,
    },
    routing: {
      assertion: { keys: "public-keys" },
      serviceTokens: { issuer: "gateway", keys: "service-keys" },
      services: { a: nowhere },
      routes: [{ ...route, identity: { token: { audience: "a" } } }],
    },
  };
  writeFileSync(file, JSON.stringify(config));
  const at = (name: string) => join(folder, name);
  const counts = () =>
    ["token-keys", "assertion-keys", "public-keys", "service-keys"].map((name) => readdirSync(at(name)).length);
  return { file, at, counts };
}

const kid = "[\\w-]{43}";
const moment = "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

test("all that a configuration names is rotated, and what was made is told", async (t) => {
  const { file, counts, at } = await world(t);
  const dry = await rotate("--config", file, "--dry-run");
  assert.match(dry.stdout, new RegExp(`^token keys in ${at("token-keys")}\n  would be made, signs from ${moment}\n`));
  assert.deepEqual([dry.code, counts()], [0, [1, 1, 1, 1]]);

  const done = await rotate("--config", file);
  assert.deepEqual([done.code, done.stderr], [0, ""]);
  const part = (name: string, directory: string) =>
    `${name} in ${at(directory)}\n  made, signs from ${moment}: ${kid}\n`;
  const whole = [
    part("token keys", "token-keys"),
    part("assertion keys", "assertion-keys"),
    part("service keys", "service-keys"),
  ];
  assert.match(done.stdout, new RegExp(`^${whole.join("")}$`));
  assert.deepEqual(counts(), [2, 2, 2, 2]);

  const again = await rotate("--config", file, "--tier", "routing");
  assert.match(
    again.stdout,
    new RegExp(`^service keys in \\S+\n  none made: the next one signs from ${moment}: ${kid}\n$`),
  );
  assert.deepEqual(counts(), [2, 2, 2, 2]);
});

test("one folder is rotated by itself, by what its keys are", async (t) => {
  const { at, counts } = await world(t);
  const { code, stdout } = await rotate("--keys", at("token-keys"), "--json");
  const [{ name, made, retired, kept }] = JSON.parse(stdout);
  assert.deepEqual([code, name, retired, kept], [0, "RS256 keys", [], []]);
  assert.ok(made.signsFrom > Date.now() + 50_000);
  assert.deepEqual(counts(), [2, 1, 1, 1]);
});

test("after a theft one call is enough", async (t) => {
  const { at } = await world(t);
  const [before = ""] = readdirSync(at("assertion-keys"));
  const args = ["--keys", at("assertion-keys"), "--public", at("public-keys"), "--lead", "0s", "--retire-after", "0s"];
  const { stdout } = await rotate(...args);
  assert.match(stdout, new RegExp(`\n  removed: ${before.replace(".json", "")}\n$`));
  const [after = "", ...more] = readdirSync(at("assertion-keys"));
  assert.deepEqual([readdirSync(at("public-keys")), more], [[after], []]);
  assert.notEqual(after, before);
});

test("a folder without keys gets its first one when it is said what for", async (t) => {
  const folder = directoryWith(t, {});
  const failed = await rotate("--keys", folder);
  assert.deepEqual([failed.code, failed.stderr], [1, `${folder} holds no usable key: say which --algorithm\n`]);
  assert.equal((await rotate("--keys", folder, "--algorithm", "ES256")).code, 0);
  assert.equal(readdirSync(folder).length, 1);
});

const failing: { name: string; spoil: (at: (name: string) => string) => unknown; says: RegExp }[] = [
  {
    name: "a directory that nobody reads",
    spoil: (at) => {
      rmSync(at("public-keys"), { recursive: true });
      mkdirSync(at("public-keys"));
    },
    says: /^the assertion keys cannot be rotated: \S+ does not hold the public half of /,
  },
  {
    name: "a directory that is gone",
    spoil: (at) => rmSync(at("token-keys"), { recursive: true }),
    says: /security\.issuers\[0\]\.keys: \S+ does not exist$/m,
  },
];
for (const { name, spoil, says } of failing)
  test(`${name} is exit code 1, and why`, async (t) => {
    const { file, at } = await world(t);
    spoil(at);
    const { code, stderr } = await rotate("--config", file, "--tier", "security");
    assert.equal(code, 1);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /^ +at /m);
  });

test("assertion keys without a place to publish are not touched, nor is anything else", async (t) => {
  const { file, at, counts } = await world(t, { published: false });
  const { code, stderr } = await rotate("--config", file);
  assert.equal(code, 1);
  assert.match(stderr, /^security\.assertion\.publish is missing/);
  assert.match(
    (await rotate("--keys", at("assertion-keys"))).stderr,
    /^nobody would know the next assertion key: say with --public/,
  );
  assert.deepEqual(counts(), [1, 1, 1, 1]);
});

const misused: { args: string[]; says: RegExp }[] = [
  { args: [], says: /expected either --config or --keys, or the id of an API key/ },
  { args: ["ak_x", "--keys", "x"], says: /expected either --config or --keys, or the id of an API key/ },
  { args: ["--config", "x", "--keys", "y"], says: /cannot be used with option '--keys/ },
  { args: ["--keys", "x", "--now"], says: /'--now' cannot be used with/ },
  { args: ["--keys", "x", "--tier", "routing"], says: /cannot be used with option '--keys/ },
  { args: ["--keys", "x", "--algorithm", "HS256"], says: /'HS256' is invalid/ },
  { args: ["--keys", "x", "--lead", "soon"], says: /Expected a duration/ },
];
for (const { args, says } of misused)
  test(`"tandem keys rotate ${args.join(" ")}" is misuse: exit code 2, and why`, async () => {
    const { code, stderr } = await rotate(...args);
    assert.equal(code, 2);
    assert.match(stderr, says);
  });
