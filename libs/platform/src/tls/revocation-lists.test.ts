import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { directoryWith, fixedClock } from "../testing.ts";
import { createAuthority, issueCertificate } from "./development-ca.ts";
import { readRevocationLists } from "./revocation-lists.ts";
import { revocationList } from "./testing.ts";

const authority = createAuthority("lists");
const leaf = issueCertificate(authority, { name: "a", usage: "client" });
const now = Date.now();
const good = revocationList(authority, [leaf]);
const old = revocationList(authority, [leaf], { nextUpdate: new Date(now - 1000) });
const far = revocationList(authority, [], { nextUpdate: new Date("2051-01-01T00:00:00Z") });

test("lists are read, however many stand in the file", (t) => {
  const file = join(directoryWith(t, { "a.crl": `about\n${good}${far}` }), "a.crl");
  const read = readRevocationLists(file);
  assert.ok(read.ok);
  assert.deepEqual(
    read.lists.map((list) => `${list}\n`),
    [good, far],
  );
});

test("openssl reads a list of the tests, so that it is one", (t) => {
  const directory = directoryWith(t, { "a.crl": good, "ca.crt": authority.certificate });
  const asked = ["crl", "-in", join(directory, "a.crl"), "-CAfile", join(directory, "ca.crt"), "-noout", "-text"];
  assert.match(
    execFileSync("openssl", asked, { encoding: "utf8", stdio: "pipe" }),
    /Revoked Certificates:\s+Serial Number/,
  );
});

for (const { name, text, says, at = now } of [
  { name: "an expired list", text: old, says: /list 1 in .*a\.crl expired at 20/ },
  { name: "an expired list beside a good one", text: good + old, says: /list 2 in .*expired/ },
  {
    name: "a list of the next century's half, when it has passed",
    text: far,
    says: /expired at 2051/,
    at: Date.parse("2051-01-02"),
  },
  { name: "a certificate", text: authority.certificate, says: /holds no PEM certificate revocation list/ },
  { name: "nothing", text: "", says: /holds no PEM/ },
  { name: "a damaged list", text: good.replace(/\n..../, "\nAAAA"), says: /list 1 in .* cannot be read/ },
])
  test(`${name} is refused in plain words`, (t) => {
    const file = join(directoryWith(t, { "a.crl": text }), "a.crl");
    const read = readRevocationLists(file, { clock: fixedClock(at) });
    assert.ok(!read.ok);
    assert.match(read.problems[0]?.message ?? "", says);
  });

test("a missing file is told", () => {
  const read = readRevocationLists("/nowhere/a.crl");
  assert.ok(!read.ok && /does not exist/.test(read.problems[0]?.message ?? ""));
});
