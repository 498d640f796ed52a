import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { certificateNames } from "./certificate-names.ts";
import { element } from "./der.ts";
import { createAuthority, issueCertificate } from "./development-ca.ts";
import { certificateSaying, type Said } from "./testing.ts";

const authority = createAuthority("names");
// Not through X509Certificate, which would refuse some of these before we do.
const derOf = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64");
const namesOf = (said: Said) => certificateNames(derOf(certificateSaying(authority, said).certificate));

test("all names of a certificate are read, by kind and in order", () => {
  const names = namesOf({
    subject: [
      ["C", "CH"],
      ["O", "Acme"],
      ["OU", "one"],
      ["OU", "two"],
      ["CN", "orders"],
    ],
    uri: ["spiffe://acme/ns/shop/sa/orders"],
    dns: ["Orders.Example.COM", "*.example.com"],
    email: ["Ann@Example.COM"],
    ip: ["192.0.2.7", "2001:db8::1"],
  });
  assert.deepEqual(names, {
    subject: { CN: ["orders"], O: ["Acme"], OU: ["one", "two"] },
    issuer: { CN: ["names"], O: [], OU: [] },
    alternative: {
      uri: ["spiffe://acme/ns/shop/sa/orders"],
      dns: ["orders.example.com", "*.example.com"],
      email: ["Ann@example.com"],
      ip: ["192.0.2.7", "2001:db8::1"],
    },
  });
});

test("an authority, which names nothing alternative, has empty lists", () => {
  const names = certificateNames(new X509Certificate(authority.certificate).raw);
  assert.deepEqual(names.alternative, { uri: [], dns: [], email: [], ip: [] });
  assert.deepEqual(names.subject, names.issuer);
});

test("a certificate of the development authority says what it was given", () => {
  const { certificate } = issueCertificate(authority, { name: "a", sans: ["a.test", "127.0.0.1"], usage: "client" });
  const { alternative, subject } = certificateNames(new X509Certificate(certificate).raw);
  assert.deepEqual([subject.CN, alternative.dns, alternative.ip], [["a"], ["a.test"], ["127.0.0.1"]]);
});

/** What in a printed form would end one name and begin another is part of the one name. */
const oneName: { name: string; said: Said; read: readonly string[] }[] = [
  { name: "a comma", said: { dns: ["a.test, DNS:admin.test"] }, read: ["a.test, dns:admin.test"] },
  { name: "quotes", said: { dns: ['a.test", "DNS:admin.test'] }, read: ['a.test", "dns:admin.test'] },
  { name: "a backslash", said: { dns: ["a\\, DNS:admin.test"] }, read: ["a\\, dns:admin.test"] },
];
for (const { name, said, read } of oneName)
  test(`${name} in a name does not end it`, () => assert.deepEqual(namesOf(said).alternative.dns, read));

test("what looks like further attributes within one stays in it", () => {
  const { subject } = namesOf({ subject: [["CN", "x\u002c O=Acme/OU=admin+CN=root"]] });
  assert.deepEqual(subject, { CN: ["x, O=Acme/OU=admin+CN=root"], O: [], OU: [] });
});

const latin = (tag: number, text: string): Buffer => element(tag, Buffer.from(text, "latin1"));
const alphabets: { name: string; value: Buffer; read: string | undefined }[] = [
  { name: "UTF-8", value: element(0x0c, Buffer.from("Zoë")), read: "Zoë" },
  { name: "broken UTF-8", value: latin(0x0c, "Zo\xeb"), read: undefined },
  { name: "printable", value: latin(0x13, "Acme"), read: "Acme" },
  { name: "UTF-16", value: element(0x1e, Buffer.from("\0Z\0o\0\xeb", "latin1")), read: "Zoë" },
  { name: "half a surrogate", value: element(0x1e, Buffer.from([0xd8, 0x00])), read: undefined },
  { name: "half a character", value: element(0x1e, Buffer.from([0x00])), read: undefined },
  { name: "Teletex that is ASCII", value: latin(0x14, "Acme"), read: "Acme" },
  { name: "Teletex beyond it", value: latin(0x14, "Zo\xeb"), read: undefined },
  { name: "UTF-32", value: element(0x1c, Buffer.from([0, 0, 0, 65])), read: undefined },
  { name: "nothing", value: element(0x0c), read: undefined },
  { name: "a line end", value: latin(0x0c, "a\nb"), read: undefined },
  { name: "a list", value: element(0x30), read: undefined },
];
for (const { name, value, read } of alphabets)
  test(`a name in ${name} is ${read === undefined ? "refused" : "read"}`, () => {
    const attempt = () => namesOf({ subject: [["CN", value]] }).subject.CN;
    if (read === undefined) assert.throws(attempt, { name: "MalformedDer" });
    else assert.deepEqual(attempt(), [read]);
  });

const refused: { name: string; said: Said }[] = [
  { name: "NUL in a host name", said: { dns: ["good.test\0.evil.test"] } },
  { name: "NUL in a URI", said: { uri: ["spiffe://acme/a\0b"] } },
  { name: "a line end in an address", said: { email: ["a@b.test\r\nx"] } },
  { name: "a byte beyond ASCII", said: { dns: ["\xe4.test"] } },
  { name: "an empty name", said: { uri: [""] } },
  { name: "an address of five bytes", said: { others: [element(0x87, Buffer.alloc(5))] } },
  { name: "a length beyond the end", said: { others: [Buffer.from([0x82, 0x05, 0x61])] } },
  { name: "a length in more bytes than needed", said: { others: [Buffer.from([0x82, 0x81, 0x01, 0x61])] } },
  { name: "an indefinite length", said: { others: [Buffer.from([0xa0, 0x80, 0x00, 0x00])] } },
];
for (const { name, said } of refused)
  test(`${name} makes the whole certificate unreadable`, () =>
    assert.throws(() => namesOf(said), { name: "MalformedDer" }));

test("what is no certificate is refused", () => {
  for (const bytes of ["", "30", "3000", "0400", "30023000", "3003020101"])
    assert.throws(() => certificateNames(Buffer.from(bytes, "hex")), { name: "MalformedDer" }, bytes);
});

test("no cut and no changed byte makes it fail in another way", () => {
  const raw = derOf(certificateSaying(authority, { subject: [["CN", "a"]], dns: ["a.test"] }).certificate);
  for (let at = 0; at < raw.length; at++) {
    const changed = Buffer.from(raw);
    changed[at] = (changed[at] ?? 0) ^ 0x81;
    for (const bytes of [raw.subarray(0, at), changed])
      try {
        certificateNames(bytes);
      } catch (error) {
        assert.equal((error as Error).name, "MalformedDer");
      }
  }
});
