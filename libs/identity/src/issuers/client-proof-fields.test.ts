import assert from "node:assert/strict";
import { generateKeyPairSync, hash } from "node:crypto";
import { test } from "node:test";
import { issuersSchema } from "./config.ts";

const sha256 = `sha256:${hash("sha256", "demo-secret")}`;
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = publicKey.export({ format: "jwk" });
const scrypt = `scrypt:32768,8,3:${"A".repeat(22)}:${"B".repeat(43)}`;

/** An embedded issuer with one client, as in the file. */
const withClient = (client: object): unknown[] => [
  { name: "local", type: "embedded", issuer: "https://a.test", audience: "demo", keys: "keys", clients: [client] },
];

const accepted: { name: string; client: object }[] = [
  { name: "a generated secret", client: { secretHash: sha256 } },
  { name: "a secret that a person chose", client: { secretHash: scrypt } },
  { name: "two secrets, while one takes the place of the other", client: { secretHash: [sha256, scrypt] } },
  { name: "a file of keys", client: { keys: "partner.jwks.json" } },
  { name: "keys in the configuration itself", client: { keys: [jwk] } },
  { name: "a place on the network", client: { jwks: "https://partner.test/jwks" } },
  { name: "the subject of a certificate", client: { certificate: { subject: { CN: "a" }, issuer: { CN: "b" } } } },
  { name: "a name of a certificate", client: { certificate: { san: { uri: "spiffe://a.test/b" } } } },
];
for (const { name, client } of accepted)
  test(`${name} is a proof`, () => {
    const { error } = issuersSchema.safeParse(withClient({ id: "app", ...client }));
    assert.equal(error, undefined);
  });

const refused: { name: string; client: object; at: PropertyKey[]; saying: RegExp }[] = [
  { name: "no secret", client: { secretHash: [] }, at: ["secretHash"], saying: /./ },
  { name: "three secrets", client: { secretHash: [sha256, sha256, sha256] }, at: ["secretHash"], saying: /./ },
  {
    name: "a hash that costs a guesser nothing",
    client: { secretHash: scrypt.replace("32768", "1024") },
    at: ["secretHash"],
    saying: /too weak/,
  },
  {
    name: "a hash that takes all memory",
    client: { secretHash: [sha256, scrypt.replace("32768", "1048576")] },
    at: ["secretHash", 1],
    saying: /64 MiB/,
  },
  { name: "no proof at all", client: {}, at: [], saying: /exactly one way.*it has none/ },
  {
    name: "a key and a secret, of which the weaker would count,",
    client: { secretHash: sha256, jwks: "https://partner.test/jwks" },
    at: [],
    saying: /it has secretHash and jwks/,
  },
  {
    name: "keys in two places",
    client: { keys: "a.json", jwks: "https://partner.test/jwks" },
    at: [],
    saying: /it has keys and jwks/,
  },
  {
    name: "a certificate and keys",
    client: { keys: "a.json", certificate: { subject: { CN: "a" } } },
    at: [],
    saying: /it has keys and certificate/,
  },
  { name: "no key", client: { keys: [] }, at: ["keys"], saying: /./ },
  {
    name: "a private key",
    client: { keys: [jwk, privateKey.export({ format: "jwk" })] },
    at: ["keys", 1],
    saying: /only its client may have it/,
  },
  { name: "a shared secret as a key", client: { keys: [{ kty: "oct", k: "x" }] }, at: ["keys", 0], saying: /./ },
  {
    name: "keys that anybody on the way could change",
    client: { jwks: "http://partner.test/jwks" },
    at: ["jwks"],
    saying: /https/,
  },
  {
    name: "a certificate of which only the issuer counts",
    client: { certificate: { issuer: { CN: "a" } } },
    at: ["certificate"],
    saying: /many clients/,
  },
  {
    name: "a pattern of names",
    client: { certificate: { san: { uri: "spiffe://a.test/ns/*" } } },
    at: ["certificate", "san", "uri"],
    saying: /without \*/,
  },
];
for (const { name, client, at, saying } of refused)
  test(`${name} is refused, and where`, () => {
    const { error } = issuersSchema.safeParse(withClient({ id: "app", ...client }));
    const issue = error?.issues[0];
    assert.deepEqual(issue?.path, [0, "clients", 0, ...at]);
    assert.match(JSON.stringify(issue), saying);
  });
