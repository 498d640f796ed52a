import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { issuersSchema } from "./config.ts";

const sha256 = `sha256:${hash("sha256", "demo-secret")}`;
const scrypt = `scrypt:32768,8,3:${"A".repeat(22)}:${"B".repeat(43)}`;

/** An embedded issuer with one client, as in the file. */
const withClient = (client: object): unknown[] => [
  { name: "local", type: "embedded", issuer: "https://a.test", audience: "demo", keys: "keys", clients: [client] },
];

const accepted: { name: string; client: object }[] = [
  { name: "a generated secret", client: { secretHash: sha256 } },
  { name: "a secret that a person chose", client: { secretHash: scrypt } },
  { name: "two secrets, while one takes the place of the other", client: { secretHash: [sha256, scrypt] } },
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
];
for (const { name, client, at, saying } of refused)
  test(`${name} is refused, and where`, () => {
    const { error } = issuersSchema.safeParse(withClient({ id: "app", ...client }));
    const issue = error?.issues[0];
    assert.deepEqual(issue?.path, [0, "clients", 0, ...at]);
    assert.match(JSON.stringify(issue), saying);
  });
