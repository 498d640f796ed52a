import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
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
  for (const file of globSync("{**/*.key,security/*-keys/*.json,**/admin-token}", { cwd: made }))
    assert.equal(statSync(join(made, file)).mode & 0o077, 0, file);
});

test("a second run changes nothing", async (t) => {
  const { made } = folder(t);
  const all = () =>
    globSync("**/*.*", { cwd: made })
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
