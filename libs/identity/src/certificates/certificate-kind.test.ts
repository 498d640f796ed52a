import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test, type TestContext } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { ask, authority, dial, listening, serverMaterial, session } from "@tandem/kernel/listener/testing";
import { answer } from "@tandem/kernel/testing";
import { fixedClock } from "@tandem/platform/testing";
import type { KeyedCertificate } from "@tandem/platform/tls/development-ca";
import { certificateSaying, type Said } from "@tandem/platform/tls/testing";
import { thumbprint } from "@tandem/platform/tls/thumbprint";
import { Presented } from "../authenticate/presented.ts";
import { authenticate } from "../authenticate/stage.ts";
import { certificateKind } from "./certificate-kind.ts";
import { certificatesSchema } from "./config.ts";

const optional = { ...serverMaterial, clients: { ca: authority.certificate, required: false } };
const holderOf = (said: Said): KeyedCertificate => certificateSaying(authority, said);
const thumbprintOf = ({ certificate }: KeyedCertificate): string => thumbprint(new X509Certificate(certificate).raw);

const listed = holderOf({ subject: [["CN", "listed"]] });
const rules = certificatesSchema.parse([
  { match: { thumbprint: thumbprintOf(listed) }, principal: { subject: { from: "thumbprint" }, roles: ["listed"] } },
  {
    match: { san: { uri: "spiffe://acme/ns/*/sa/orders" } },
    principal: { subject: { from: "san-uri" }, client: "orders", scopes: ["orders:read"], tenant: "acme" },
  },
  {
    match: { san: { dns: "*.partners.test" }, subject: { O: "Partner" } },
    principal: { subject: { from: "san-dns" } },
  },
  { match: { san: { email: "*@acme.test" } }, principal: { subject: { from: "san-email" } } },
  { match: { san: { ip: "192.0.2.7" } }, principal: { subject: { from: "san-ip" } } },
  { match: { subject: { OU: "clerks" }, issuer: { CN: "listener tests" } }, principal: { subject: { from: "cn" } } },
  { match: { subject: { O: "Fixed" } }, principal: { subject: "the fixed one" } },
  { match: { subject: { CN: "no uri" } }, principal: { subject: { from: "san-uri" } } },
  { match: { issuer: { CN: "somebody else" } }, principal: { subject: "stranger" } },
]);

/** Asks over both protocols, on connections of their own, and gives the two answers. */
async function both(t: TestContext, identity: KeyedCertificate | undefined, headers: Record<string, string> = {}) {
  const kinds = [certificateKind({ rules, clock: { now: () => Date.now(), monotonic: () => 0 } })];
  const { port } = await listening(t, {
    stages: [hygiene({ from: "strangers" }), authenticate({ kinds }), answer],
    tls: optional,
  });
  const shown = identity && { cert: identity.certificate, key: identity.key };
  const line = dial(t, port, shown ?? {});
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  line.socket.write(`GET /a HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${lines.join("")}\r\n`);
  const text = await line.ended;
  const first = { status: Number(text.slice(9, 12)), json: JSON.parse(text.slice(text.indexOf("{"))) };
  const second = await ask(session(t, port, shown), { ":path": "/a", ":authority": "a.test", ...headers });
  return [first, second];
}

const good: { name: string; said: Said; principal: object }[] = [
  {
    name: "a URI",
    said: { uri: ["spiffe://acme/ns/shop/sa/orders"], dns: ["x.test"] },
    principal: {
      subject: "spiffe://acme/ns/shop/sa/orders",
      client: "orders",
      scopes: ["orders:read"],
      roles: [],
      tenant: "acme",
    },
  },
  {
    name: "the one URI of several that its rule is about",
    said: { uri: ["urn:other", "spiffe://acme/ns/b/sa/orders"] },
    principal: { subject: "spiffe://acme/ns/b/sa/orders" },
  },
  {
    name: "a host name and an organisation",
    said: { dns: ["One.partners.test"], subject: [["O", "Partner"]] },
    principal: { subject: "one.partners.test", scopes: [], roles: [] },
  },
  { name: "a mail address", said: { email: ["Ann@ACME.test"] }, principal: { subject: "Ann@acme.test" } },
  { name: "an address", said: { ip: ["192.0.2.7"] }, principal: { subject: "192.0.2.7" } },
  {
    name: "one unit of several, and who issued it",
    said: {
      subject: [
        ["OU", "smiths"],
        ["OU", "clerks"],
        ["CN", "ann, bob"],
      ],
    },
    principal: { subject: "ann, bob" },
  },
  { name: "a rule with a fixed subject", said: { subject: [["O", "Fixed"]] }, principal: { subject: "the fixed one" } },
];
for (const { name, said, principal } of good)
  test(`a certificate stands for a caller by ${name}`, async (t) => {
    const holder = holderOf(said);
    for (const { status, json } of await both(t, holder)) {
      assert.equal(status, 200, JSON.stringify(json));
      assert.partialDeepStrictEqual(json.principal, {
        ...principal,
        method: "certificate",
        expires: Date.parse(new X509Certificate(holder.certificate).validTo) / 1000,
      });
    }
  });

test("a certificate that is listed stands for its thumbprint", async (t) => {
  for (const { json } of await both(t, listed))
    assert.partialDeepStrictEqual(json.principal, { subject: thumbprintOf(listed), roles: ["listed"] });
});

const bad: { name: string; said: Said; says: RegExp }[] = [
  { name: "no rule is about", said: { subject: [["CN", "nobody"]] }, says: /no rule/ },
  { name: "names another service", said: { uri: ["spiffe://acme/ns/shop/sa/admin"] }, says: /no rule/ },
  { name: "has the name in another kind", said: { dns: ["spiffe://acme/ns/shop/sa/orders"] }, says: /no rule/ },
  { name: "has half of what a rule asks", said: { dns: ["one.partners.test"] }, says: /no rule/ },
  { name: "is for all hosts below", said: { dns: ["*.partners.test"], subject: [["O", "Partner"]] }, says: /no rule/ },
  {
    name: "hides a name behind a comma",
    said: { dns: ["x.test, URI:spiffe://acme/ns/shop/sa/orders"] },
    says: /no rule/,
  },
  {
    name: "hides a name in quotes",
    said: { uri: ['urn:x", "URI:spiffe://acme/ns/shop/sa/orders'] },
    says: /no rule/,
  },
  { name: "hides an organisation in its common name", said: { subject: [["CN", "x, O=Fixed"]] }, says: /no rule/ },
  { name: "hides a name behind NUL", said: { email: ["x@acme.test\0.evil.test"] }, says: /two ways/ },
  {
    name: "says beside a good name one with NUL",
    said: { uri: ["spiffe://acme/ns/shop/sa/orders"], dns: ["a\0b"] },
    says: /two ways/,
  },
  {
    name: "has two organisations",
    said: {
      subject: [
        ["O", "Fixed"],
        ["O", "Evil"],
      ],
    },
    says: /no rule/,
  },
  {
    name: "has two names that its rule is about",
    said: { uri: ["spiffe://acme/ns/a/sa/orders", "spiffe://acme/ns/b/sa/orders"] },
    says: /several/,
  },
  { name: "has nothing to be named by", said: { subject: [["CN", "no uri"]] }, says: /has none/ },
];
for (const { name, said, says } of bad)
  test(`a certificate that ${name} is refused`, async (t) => {
    for (const { status, json } of await both(t, holderOf(said))) {
      assert.deepEqual([status, json.type], [401, "urn:tandem:problem:credentials.certificate"]);
      assert.match(json.detail, says);
      assert.doesNotMatch(JSON.stringify(json), /acme|evil|partners/);
    }
  });

test("without a certificate the caller is anonymous", async (t) => {
  for (const { json } of await both(t, undefined)) assert.equal(json.principal.method, "none");
});

test("a certificate does not stand in for a credential that is not accepted", async (t) => {
  for (const { json } of await both(t, listed, { authorization: "Bearer x.y.z" }))
    assert.equal(json.type, "urn:tandem:problem:credentials.unsupported");
});

test("a certificate that has expired since the handshake is refused", () => {
  const clock = fixedClock(1_000_000);
  const kind = certificateKind({ rules, clock });
  const says = {
    names: { subject: { CN: [], O: ["Fixed"], OU: [] }, issuer: { CN: [], O: [], OU: [] }, alternative: noNames },
    serial: "01",
    notBefore: 500_000,
    notAfter: 1_001_000,
  };
  const tls = { version: "TLSv1.3", cipher: "", alpn: "h2", certificate: "t", says };
  const presented = new Presented({ kind: "certificate", text: "t" }, { address: "192.0.2.1", port: 1, tls });
  const outcomes: unknown[] = [];
  const strategy = Object.create(kind.strategy, {
    success: { value: (verified: unknown) => outcomes.push(verified) },
    error: { value: (error: unknown) => outcomes.push(error) },
  });
  strategy.authenticate(presented);
  clock.advance(1000);
  strategy.authenticate(presented);
  const [before, after] = outcomes;
  assert.partialDeepStrictEqual(before, {
    principal: { subject: "the fixed one", expires: 1001 },
    marks: { id: "t", issuedAt: 500 },
  });
  assert.ok(after instanceof GatewayError);
  assert.deepEqual([after.code, after.detail], ["credentials.certificate", "it has expired"]);
});

const noNames = { uri: [], dns: [], email: [], ip: [] };
