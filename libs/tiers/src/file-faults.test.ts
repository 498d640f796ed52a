import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { createKeyFile } from "@tandem/identity/keys/create-key-file";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { revocationList } from "@tandem/platform/tls/testing";
import { directoryWith } from "@tandem/platform/testing";
import { loadRouting, loadSecurity, loadTandem } from "./load.ts";
import { fillWithKeys, writePair } from "./testing.ts";

const file = `security:
  listen:
    tls: { certificate: server.crt, key: server.key, clientCa: ca.crt, clientCrl: ca.crl }
  assertion: { keys: assertion-keys }
  issuers:
    - { name: own, type: embedded, issuer: "https://localhost:8443", audience: a, keys: token-keys }
    - { name: corp, type: jwt, issuer: corp, audience: a, keys: jwks.json }
  routingTier:
    discovery: static
    instances: ["https://localhost:8081"]
    tls: { certificate: client.crt, key: client.key, ca: ca.crt }
routing:
  listen:
    tls: { certificate: routing.crt, key: routing.key, clientCa: ca.crt }
  assertion: { keys: public-keys }
  services:
    shop: { discovery: static, instances: ["https://localhost:1"], tls: { certificate: client.crt, key: client.key, ca: ca.crt } }
  routes: [ { name: shop, match: { path: "/**" }, allow: anyone, service: shop } ]
consul: { address: "https://localhost:8501", tls: { ca: consul.crt } }
`;

const good = mkdtempSync(join(tmpdir(), "tandem-"));
after(() => rmSync(good, { recursive: true }));
await fillWithKeys(good);
const kid = await createKeyFile(good, { algorithm: "RS256" });
const jwks = { keys: [JSON.parse(readFileSync(join(good, `${kid}.json`), "utf8"))] };
writeFileSync(join(good, "jwks.json"), JSON.stringify(jwks));
writeFileSync(join(good, "ca.crl"), revocationList(createAuthority("any"), []));
cpSync(join(good, "ca.crt"), join(good, "consul.crt"));
writeFileSync(join(good, "tandem.yaml"), file);

function copy(t: TestContext): { folder: string; told: (load: (path: string) => Loaded) => string[] } {
  const folder = directoryWith(t, {});
  cpSync(good, folder, { recursive: true });
  const told = (load: (path: string) => Loaded): string[] => {
    const loaded = load(join(folder, "tandem.yaml"));
    return loaded.ok ? [] : loaded.diagnostics.map((one) => formatDiagnostic(one).replaceAll(`${folder}/`, ""));
  };
  return { folder, told };
}
type Loaded = ReturnType<typeof loadTandem>;

test("with every file in its place both tiers load", (t) => {
  const { told } = copy(t);
  assert.deepEqual([told(loadSecurity), told(loadRouting)], [[], []]);
});

const longAgo = { now: new Date("2020-01-01"), days: 30 };
const expired = issueCertificate(createAuthority("old", longAgo), { name: "s", usage: "server", ...longAgo });
const remove = (name: string) => (folder: string) => rmSync(join(folder, name), { recursive: true });
const write = (name: string, text: string) => (folder: string) => writeFileSync(join(folder, name), text);
const empty = (name: string) => (folder: string) => {
  remove(name)(folder);
  mkdirSync(join(folder, name));
};

interface Case {
  readonly name: string;
  readonly spoil: (folder: string) => unknown;
  readonly security?: string[];
  readonly routing?: string[];
}
const nobody = "holds no usable key file (*.json)";
const cases: Case[] = [
  {
    name: "a server certificate that is gone",
    spoil: remove("server.crt"),
    security: ["3:25  security.listen.tls.certificate: server.crt does not exist"],
  },
  {
    name: "a server key that is no key",
    spoil: write("server.key", "x"),
    security: ["3:42  security.listen.tls.key: server.key holds no PEM private key"],
  },
  {
    name: "the key of another certificate",
    spoil: (folder) => cpSync(join(folder, "client.key"), join(folder, "routing.key")),
    routing: ["14:43  routing.listen.tls.key: routing.key is not the key of the certificate routing.crt"],
  },
  {
    name: "an expired certificate",
    spoil: (folder) => writePair(join(folder, "server"), expired),
    security: ["3:25  security.listen.tls.certificate: server.crt expired at 2020-01-31T00:00:00.000Z"],
  },
  {
    name: "an authority that is gone, wherever it is named",
    spoil: remove("ca.crt"),
    security: [
      "3:64  security.listen.tls.clientCa: ca.crt does not exist",
      "11:58  security.routingTier.tls.ca: ca.crt does not exist",
    ],
    routing: [
      "14:66  routing.listen.tls.clientCa: ca.crt does not exist",
      "17:121  routing.services.shop.tls.ca: ca.crt does not exist",
    ],
  },
  {
    name: "a revocation list that is gone",
    spoil: remove("ca.crl"),
    security: ["3:83  security.listen.tls.clientCrl: ca.crl does not exist"],
  },
  {
    name: "a leaf in the place of an authority",
    spoil: (folder) => cpSync(join(folder, "client.crt"), join(folder, "ca.crt")),
    security: [
      "3:64  security.listen.tls.clientCa: certificate 1 in ca.crt does not belong to an authority",
      "11:58  security.routingTier.tls.ca: certificate 1 in ca.crt does not belong to an authority",
    ],
    routing: [
      "14:66  routing.listen.tls.clientCa: certificate 1 in ca.crt does not belong to an authority",
      "17:121  routing.services.shop.tls.ca: certificate 1 in ca.crt does not belong to an authority",
    ],
  },
  {
    name: "a client certificate and its key that are gone",
    spoil: (folder) => ["client.crt", "client.key"].forEach((name) => remove(name)(folder)),
    security: [
      "11:25  security.routingTier.tls.certificate: client.crt does not exist",
      "11:42  security.routingTier.tls.key: client.key does not exist",
    ],
    routing: [
      "17:88  routing.services.shop.tls.certificate: client.crt does not exist",
      "17:105  routing.services.shop.tls.key: client.key does not exist",
    ],
  },
  {
    name: "an authority of Consul that is gone",
    spoil: remove("consul.crt"),
    security: ["19:57  consul.tls.ca: consul.crt does not exist"],
    routing: ["19:57  consul.tls.ca: consul.crt does not exist"],
  },
  {
    name: "a directory of assertion keys that is gone",
    spoil: remove("assertion-keys"),
    security: ["4:22  security.assertion.keys: assertion-keys does not exist"],
  },
  {
    name: "public keys that are gone",
    spoil: remove("public-keys"),
    routing: ["15:22  routing.assertion.keys: public-keys does not exist"],
  },
  {
    name: "directories without a key",
    spoil: (folder) => ["assertion-keys", "token-keys", "public-keys"].forEach((name) => empty(name)(folder)),
    security: [
      `4:22  security.assertion.keys: assertion-keys ${nobody}`,
      `6:89  security.issuers[0].keys: token-keys ${nobody}`,
    ],
    routing: [`15:22  routing.assertion.keys: public-keys ${nobody}`],
  },
  {
    name: "a file in the place of a directory",
    spoil: (folder) => {
      remove("token-keys")(folder);
      write("token-keys", "{}")(folder);
    },
    security: ["6:89  security.issuers[0].keys: token-keys is no directory"],
  },
  {
    name: "private keys where only public ones may be",
    spoil: (folder) => {
      remove("public-keys")(folder);
      mkdirSync(join(folder, "public-keys"));
      cpSync(join(folder, "assertion-keys"), join(folder, "public-keys"), { recursive: true });
    },
    routing: [
      "15:22  routing.assertion.keys: public-keys: KID.json holds a private key, in a directory that must only hold public ones; move it away",
    ],
  },
  {
    name: "the keys of an issuer that are gone",
    spoil: remove("jwks.json"),
    security: ["7:65  security.issuers[1].keys: jwks.json does not exist"],
  },
  {
    name: "the keys of an issuer that are no JSON",
    spoil: write("jwks.json", '{"d":"very secret'),
    security: ["7:65  security.issuers[1].keys: the keys in jwks.json cannot be used: it is not JSON"],
  },
  {
    name: "an issuer without a key",
    spoil: write("jwks.json", '{"keys":[]}'),
    security: ["7:65  security.issuers[1].keys: the keys in jwks.json cannot be used: it holds no usable key"],
  },
];
for (const { name, spoil, security = [], routing = [] } of cases)
  test(`${name}: each tier is told of what it would use, at the setting that names it`, (t) => {
    const { folder, told } = copy(t);
    spoil(folder);
    const lines = (load: (path: string) => Loaded) =>
      told(load).map((line) => line.replace("tandem.yaml:", "").replace(/[\w-]{43}\.json/, "KID.json"));
    assert.deepEqual(lines(loadSecurity), security);
    assert.deepEqual(lines(loadRouting), routing);
    assert.deepEqual(lines(loadTandem), []);
  });

test("a file of API keys that is gone, or holds something else, keeps the security tier from starting", (t) => {
  const { folder, told } = copy(t);
  const text = file.replace("security:\n", "security:\n  apiKeys: { file: keys.yaml }\n");
  writeFileSync(join(folder, "tandem.yaml"), text);
  const at = "tandem.yaml:2:20  security.apiKeys.file: keys.yaml:1:";
  assert.deepEqual(told(loadSecurity), [`${at}1  the file does not exist`]);
  writeFileSync(join(folder, "keys.yaml"), "keys: {}\n");
  assert.deepEqual(told(loadSecurity), [`${at}7  keys: found a mapping; expected a list`]);
  assert.deepEqual(told(loadRouting), []);
  writeFileSync(join(folder, "keys.yaml"), "keys: []\n");
  assert.deepEqual(told(loadSecurity), []);
});

const partners: { name: string; text?: string; says: string }[] = [
  { name: "are not there", says: "partner.json does not exist" },
  { name: "are no JSON", text: "-----BEGIN", says: "the keys in partner.json cannot be used: it is not JSON" },
  {
    name: "hold the private one",
    text: JSON.stringify(jwks),
    says: "the keys in partner.json cannot be used: it holds a private key, which only the client may have",
  },
];
for (const { name, text, says } of partners)
  test(`a client's keys that ${name} are told at the client`, (t) => {
    const { folder, told } = copy(t);
    const withClient = file.replace(
      "keys: token-keys }",
      "keys: token-keys, clients: [{ id: a, keys: partner.json }] }",
    );
    writeFileSync(join(folder, "tandem.yaml"), withClient);
    if (text !== undefined) writeFileSync(join(folder, "partner.json"), text);
    assert.deepEqual(told(loadSecurity), [`tandem.yaml:6:126  security.issuers[0].clients[0].keys: ${says}`]);
    assert.deepEqual(told(loadTandem), []);
  });

test("a directory for the log that cannot be one is told for both tiers, and one that is not there yet is fine", (t) => {
  const { folder, told } = copy(t);
  const log = (directory: string) =>
    writeFileSync(join(folder, "tandem.yaml"), `${file}log: { file: { directory: ${directory} } }\n`);
  log("logs/of/this/machine");
  assert.deepEqual([told(loadSecurity), told(loadRouting)], [[], []]);
  log("server.crt");
  for (const load of [loadSecurity, loadRouting])
    assert.deepEqual(told(load), ["tandem.yaml:20:27  log.file.directory: server.crt is no directory"]);
  log("server.crt/logs");
  assert.match(told(loadSecurity)[0] ?? "", /server\.crt\/logs is inside of something that is no directory/);
});
