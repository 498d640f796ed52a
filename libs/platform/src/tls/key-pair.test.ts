import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate, createHash } from "node:crypto";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { fixedClock, directoryWith } from "../testing.ts";
import { createAuthority, issueCertificate } from "./development-ca.ts";
import { readAuthorities, readKeyPair } from "./key-pair.ts";
import { loadAuthorities, loadKeyPair } from "./load-tls.ts";
import { thumbprint } from "./thumbprint.ts";

const now = new Date("2026-06-01T00:00:00Z");
const authority = createAuthority("test ca", { now });
const leaf = issueCertificate(authority, { name: "localhost", usage: "server", days: 30, now });
const other = issueCertificate(authority, { name: "other", usage: "server", days: 30, now });
const encrypted = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase: "x",
});

function read(t: TestContext, { certificate, key, at = now }: { certificate?: string; key?: string; at?: Date }) {
  const files = { ...(certificate !== undefined && { c: certificate }), ...(key !== undefined && { k: key }) };
  const directory = directoryWith(t, files);
  const paths = { certificate: join(directory, "c"), key: join(directory, "k") };
  const result = readKeyPair(paths, { clock: fixedClock(at.getTime()) });
  const problems = result.ok ? [] : result.problems;
  return { result, told: problems.map(({ field, message }) => `${field}: ${message.replaceAll(`${directory}/`, "")}`) };
}

test("a certificate with its key is read, with the chain behind it", (t) => {
  const { result, told } = read(t, {
    certificate: `Bag: x\n${leaf.certificate}${authority.certificate}`,
    key: leaf.key,
  });
  assert.deepEqual(told, []);
  assert.ok(result.ok);
  assert.equal(result.pair.certificate.match(/BEGIN/g)?.length, 2);
  assert.doesNotMatch(result.pair.certificate, /Bag/);
  assert.equal(result.pair.thumbprint, thumbprint(new X509Certificate(leaf.certificate).raw));
});

const broken: { name: string; given: { certificate?: string; key?: string; at?: Date }; expected: string[] }[] = [
  { name: "missing files", given: {}, expected: ["certificate: c does not exist", "key: k does not exist"] },
  {
    name: "the two files exchanged",
    given: { certificate: leaf.key, key: leaf.certificate },
    expected: ["certificate: c holds no PEM certificate", "key: k holds no PEM private key"],
  },
  {
    name: "the key of another certificate",
    given: { certificate: leaf.certificate, key: other.key },
    expected: ["key: k is not the key of the certificate c"],
  },
  {
    name: "a chain in the wrong order",
    given: { certificate: authority.certificate + leaf.certificate, key: leaf.key },
    expected: ["key: k is the key of certificate 2 in c; it must come first"],
  },
  {
    name: "an expired certificate",
    given: { certificate: leaf.certificate, key: leaf.key, at: new Date("2026-07-02T00:00:00Z") },
    expected: ["certificate: c expired at 2026-07-01T00:00:00.000Z"],
  },
  {
    name: "a certificate of the future",
    given: { certificate: leaf.certificate, key: leaf.key, at: new Date("2026-05-01T00:00:00Z") },
    expected: ["certificate: c is not valid before 2026-05-31T23:55:00.000Z"],
  },
  {
    name: "an encrypted key",
    given: { certificate: leaf.certificate, key: String(encrypted) },
    expected: ["key: k is encrypted with a passphrase; store it without one"],
  },
  {
    name: "damaged files",
    given: {
      certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    },
    expected: [
      "certificate: c holds a certificate that cannot be read",
      "key: k holds a private key that cannot be read",
    ],
  },
];
for (const { name, given, expected } of broken) {
  test(`${name} are told by field`, (t) => assert.deepEqual(read(t, given).told, expected));
}

test("no message shows anything of a key", (t) => {
  const { told } = read(t, { certificate: leaf.certificate, key: other.key.replace(/\n.{20}/, "\n") });
  assert.deepEqual(told, ["key: k holds a private key that cannot be read"]);
});

test("authorities are read, and a leaf or an expired one among them is refused", (t) => {
  const directory = directoryWith(t, { good: authority.certificate, bad: authority.certificate + leaf.certificate });
  const clock = fixedClock(now.getTime());
  assert.ok(readAuthorities(join(directory, "good"), { clock }).ok);
  const bad = readAuthorities(join(directory, "bad"), { clock });
  assert.ok(!bad.ok);
  assert.match(bad.problems[0]?.message ?? "", /^certificate 2 in .*bad does not belong to an authority$/);
  const late = readAuthorities(join(directory, "good"), { clock: fixedClock(Date.parse("2040-01-01")) });
  assert.ok(!late.ok);
  assert.match(late.problems[0]?.message ?? "", /^certificate 1 in .*good expired at 20/);
  assert.ok(!readAuthorities(join(directory, "none"), { clock }).ok);
});

test("whoever cannot start without them is told everything that is wrong", (t) => {
  const directory = directoryWith(t, { c: leaf.certificate, k: leaf.key, ca: authority.certificate });
  const [certificate, key, ca] = ["c", "k", "ca"].map((name) => join(directory, name));
  const clock = fixedClock(now.getTime());
  assert.equal(loadKeyPair({ certificate: certificate!, key: key! }, { clock }).key, leaf.key);
  assert.equal(loadAuthorities(ca!, { clock }), authority.certificate);
  const told = { name: "TlsFileError", message: /k holds no PEM certificate; .*c holds no PEM private key$/ };
  assert.throws(() => loadKeyPair({ certificate: key!, key: certificate! }, { clock }), told);
  assert.throws(() => loadAuthorities(key!, { clock }), {
    name: "TlsFileError",
    message: /k holds no PEM certificate/,
  });
});

test("a thumbprint is the digest of the DER, without padding", () => {
  const { raw } = new X509Certificate(leaf.certificate);
  assert.equal(thumbprint(raw), createHash("sha256").update(raw).digest("base64url"));
  assert.match(thumbprint(raw), /^[\w-]{43}$/);
});
