import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { issuersSchema } from "../issuers/config.ts";
import { algorithms } from "../jose/algorithm.ts";
import { metadataOf } from "./metadata.ts";

const secret = { id: "secret", secretHash: `sha256:${hash("sha256", "x")}` };
const keyed = { id: "keyed", jwks: "https://partner.test/jwks" };
const mutual = { id: "mutual", certificate: { subject: { CN: "mutual" } } };

function metadata(clients: readonly object[], more: object = {}): Readonly<Record<string, unknown>> {
  const [issuer] = issuersSchema.parse([
    { name: "local", type: "embedded", issuer: "https://a.test", audience: "demo", keys: "keys", clients, ...more },
  ]);
  assert.ok(issuer?.type === "embedded");
  return metadataOf(issuer);
}

const cases: { name: string; clients: object[]; methods: string[] }[] = [
  { name: "secrets", clients: [secret], methods: ["client_secret_basic", "client_secret_post"] },
  { name: "keys", clients: [keyed], methods: ["private_key_jwt"] },
  { name: "certificates", clients: [mutual], methods: ["tls_client_auth"] },
  {
    name: "all of them",
    clients: [secret, keyed, mutual],
    methods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth"],
  },
];
for (const { name, clients, methods } of cases)
  test(`clients with ${name} are what the metadata tells of, at every endpoint`, () => {
    const told = metadata(clients);
    for (const endpoint of ["token", "introspection", "revocation"]) {
      assert.deepEqual(told[`${endpoint}_endpoint_auth_methods_supported`], methods);
      assert.deepEqual(
        told[`${endpoint}_endpoint_auth_signing_alg_values_supported`],
        clients.includes(keyed) ? algorithms : undefined,
      );
    }
    assert.equal(told["tls_client_certificate_bound_access_tokens"], clients.includes(mutual) ? true : undefined);
  });

test("where others are asked about clients, a secret is a method, and a refresh token what they say", () => {
  const url = "https://auth.test/";
  const told = metadata([keyed], { clientAuthentication: { url, refresh: true } });
  const methods = ["private_key_jwt", "client_secret_basic", "client_secret_post"];
  assert.deepEqual(told["token_endpoint_auth_methods_supported"], methods);
  assert.deepEqual(told["grant_types_supported"], ["client_credentials", "refresh_token"]);
  const without = metadata([keyed], { clientAuthentication: { url } });
  assert.deepEqual(without["grant_types_supported"], ["client_credentials"]);
});
