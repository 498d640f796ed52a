import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { loadTlsMaterial } from "./tls-material.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-tls-"));
after(() => rmSync(folder, { recursive: true }));
const authority = createAuthority("test");
const one = issueCertificate(authority, { name: "one", usage: "server", days: 10 });
const other = issueCertificate(authority, { name: "other", usage: "server" });
const put = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const certificate = put("one.crt", one.certificate);
const key = put("one.key", one.key);
const clientCa = put("ca.crt", authority.certificate);

test("what belongs together is loaded", () => {
  assert.deepEqual(loadTlsMaterial({ certificate, key }), { certificate: one.certificate, key: one.key });
});

for (const { clientCertificate, required } of [
  { clientCertificate: undefined, required: true },
  { clientCertificate: "required" as const, required: true },
  { clientCertificate: "optional" as const, required: false },
])
  test(`with a client CA and ${clientCertificate ?? "nothing said"} certificates are ${required ? "" : "not "}required`, () => {
    const material = loadTlsMaterial({ certificate, key, clientCa, clientCertificate });
    assert.deepEqual(material.clients, { ca: authority.certificate, required });
  });

for (const { name, given, says } of [
  { name: "a missing file", given: { certificate: join(folder, "no.crt"), key }, says: /no\.crt does not exist$/ },
  { name: "another's key", given: { certificate, key: put("other.key", other.key) }, says: /is not the key of/ },
  { name: "a client CA that is none", given: { certificate, key, clientCa: certificate }, says: /to an authority$/ },
])
  test(`${name} is refused in plain words`, () => {
    assert.throws(() => loadTlsMaterial(given), { name: "TlsFileError", message: says });
  });

test("what has expired by then is refused", () => {
  const clock = { now: () => Date.now() + 11 * 86_400_000, monotonic: () => 0 };
  assert.throws(() => loadTlsMaterial({ certificate, key }, { clock }), { message: /one\.crt expired at/ });
});
