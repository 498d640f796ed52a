import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { digestOf } from "@tandem/identity/api-keys/api-key-secret";
import { readKeyFile } from "@tandem/identity/api-keys/key-file";
import { initKeys } from "./keys-init.ts";

const quiet = { say: () => {} };
const year = 365 * 86_400_000;

function folder(t: TestContext) {
  const made = mkdtempSync(join(tmpdir(), "keys-"));
  t.after(() => rmSync(made, { recursive: true }));
  const text = (name: string) => readFileSync(join(made, name), "utf8");
  return { made, text };
}

test("the routing tier gets no private key but its own certificate's", async (t) => {
  const { made } = folder(t);
  await initKeys(made, quiet);
  const files = globSync("{routing,public}/**/*.{json,key}", { cwd: made });
  const holding = files.filter((file) => /"d":|PRIVATE KEY/.test(readFileSync(join(made, file), "utf8")));
  assert.deepEqual(holding, ["routing/server.key"]);
});

test("the authority's key is written nowhere", async (t) => {
  const { made, text } = folder(t);
  await initKeys(made, quiet);
  const authority = new X509Certificate(text("public/ca.crt"));
  const keys = globSync("**/*.key", { cwd: made });
  assert.equal(keys.length, 3);
  for (const file of keys) assert.ok(!authority.checkPrivateKey(createPrivateKey(text(file))), file);
});

test("every leaf is signed by the one authority", async (t) => {
  const { made, text } = folder(t);
  await initKeys(made, quiet);
  const authority = new X509Certificate(text("public/ca.crt"));
  for (const leaf of ["security/server.crt", "security/client.crt", "routing/server.crt"])
    assert.ok(new X509Certificate(text(leaf)).verify(authority.publicKey), leaf);
});

test("private files are readable by their owner alone", async (t) => {
  const { made } = folder(t);
  await initKeys(made, quiet);
  for (const file of globSync(
    "{**/*.key,security/*-keys/*.json,**/admin-token,security/api-keys.yaml,security/*api-key}",
    { cwd: made },
  ))
    assert.equal(statSync(join(made, file)).mode & 0o077, 0, file);
});

test("the demo's API key is a viewer's; it is made anew when it is gone, and not shown in the file of keys", async (t) => {
  const { made, text } = folder(t);
  await initKeys(made, quiet);
  const secret = text("security/demo-api-key").trim();
  assert.match(secret, /^tdm_demo_\w{49}$/);
  const read = readKeyFile(join(made, "security/api-keys.yaml"));
  assert.ok(read.ok);
  assert.deepEqual(
    read.keys.map(({ owner, scopes, hash }) => [owner, scopes, hash]),
    [["demo-viewer", ["orders:read"], digestOf(secret)]],
  );
  rmSync(join(made, "security/demo-api-key"));
  await initKeys(made, quiet);
  assert.notEqual(text("security/demo-api-key").trim(), secret);
  writeFileSync(join(made, "security/api-keys.yaml"), "keys: [");
  await assert.rejects(initKeys(made, quiet), /^Error: keys and certificates cannot be made in .*api-keys\.yaml:1:/s);
});

test("a second run changes nothing", async (t) => {
  const { made } = folder(t);
  const all = () =>
    globSync("**/{*.*,*-key}", { cwd: made })
      .toSorted()
      .map((file) => [file, readFileSync(join(made, file), "utf8")]);
  await initKeys(made, quiet);
  const before = all();
  await initKeys(made, quiet);
  assert.deepEqual(all(), before);
});

test("certificates about to expire are made anew, keys stay", async (t) => {
  const { made, text } = folder(t);
  await initKeys(made, quiet);
  const [certificate, keys] = [text("security/server.crt"), globSync("security/token-keys/*", { cwd: made })];
  await initKeys(made, { ...quiet, now: new Date(Date.now() + year + 30 * 86_400_000) });
  assert.notEqual(text("security/server.crt"), certificate);
  assert.deepEqual(globSync("security/token-keys/*", { cwd: made }), keys);
});

const leaves = ["security/server", "security/client", "routing/server"];
const lost = [
  "public",
  "security",
  "routing",
  "public/ca.crt",
  ...leaves.flatMap((leaf) => [`${leaf}.crt`, `${leaf}.key`]),
];
for (const name of lost)
  test(`without ${name} all certificates are made anew, and fit each other`, async (t) => {
    const { made, text } = folder(t);
    await initKeys(made, quiet);
    const before = name === "public/ca.crt" ? "" : text("public/ca.crt");
    rmSync(join(made, name), { recursive: true });
    await initKeys(made, quiet);
    assert.notEqual(text("public/ca.crt"), before);
    const authority = new X509Certificate(text("public/ca.crt"));
    for (const leaf of leaves) {
      const certificate = new X509Certificate(text(`${leaf}.crt`));
      assert.ok(certificate.verify(authority.publicKey), leaf);
      assert.ok(certificate.checkPrivateKey(createPrivateKey(text(`${leaf}.key`))), leaf);
    }
  });

test("a certificate between the tiers that another authority signed is made anew with the others", async (t) => {
  const [{ made, text }, other] = [folder(t), folder(t)];
  await Promise.all([made, other.made].map((each) => initKeys(each, quiet)));
  for (const file of ["routing/server.crt", "routing/server.key"]) writeFileSync(join(made, file), other.text(file));
  await initKeys(made, quiet);
  const authority = new X509Certificate(text("public/ca.crt"));
  assert.ok(new X509Certificate(text("routing/server.crt")).verify(authority.publicKey));
});

test("a public certificate of another authority, such as one that browsers know, is left alone", async (t) => {
  const [{ made, text }, other] = [folder(t), folder(t)];
  await Promise.all([made, other.made].map((each) => initKeys(each, quiet)));
  for (const file of ["security/server.crt", "security/server.key"]) writeFileSync(join(made, file), other.text(file));
  await initKeys(made, quiet);
  assert.equal(text("security/server.crt"), other.text("security/server.crt"));
});

for (const [name, below] of Object.entries({ "a file": "", "a folder in a file": "/keys" }))
  test(`${name} is no place for keys, and a sentence says so`, async (t) => {
    const file = join(folder(t).made, "file");
    writeFileSync(file, "x");
    const place = file + below;
    const message = `keys and certificates cannot be made in ${place}: this is no folder`;
    await assert.rejects(initKeys(place, quiet), { message });
  });
