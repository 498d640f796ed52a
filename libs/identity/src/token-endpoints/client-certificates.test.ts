import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { authority } from "@tandem/kernel/listener/testing";
import { systemClock } from "@tandem/platform/clock";
import { createAuthority } from "@tandem/platform/tls/development-ca";
import { certificateSaying, type Said } from "@tandem/platform/tls/testing";
import { thumbprint } from "@tandem/platform/tls/thumbprint";
import { basicOf, claimsOf, protocolNames, provingGround, type Proving } from "./proving.testing.ts";

const said = (parts: Said) => certificateSaying(authority, parts);
const named = said({
  subject: [
    ["CN", "billing"],
    ["O", "Partner Inc"],
  ],
  uri: ["spiffe://a.test/billing"],
});
const pinned = said({ subject: [["CN", "pinned"]] });
const printOf = (pem: string): string => thumbprint(new X509Certificate(pem).raw);

const clients = [
  { id: "subject", certificate: { subject: { CN: "billing", O: "Partner Inc" } }, scopes: ["orders:read"] },
  { id: "san", certificate: { san: { uri: "spiffe://a.test/billing" } }, tokens: "opaque" },
  { id: "pinned", certificate: { thumbprint: printOf(pinned.certificate) } },
];
const as = (id: string, more: Proving = {}): Proving => ({ ...more, form: { client_id: id, ...more.form } });

const accepted: { name: string; proving: Proving; print: string }[] = [
  { name: "its subject", proving: as("subject", { certificate: named }), print: printOf(named.certificate) },
  { name: "its thumbprint", proving: as("pinned", { certificate: pinned }), print: printOf(pinned.certificate) },
];

/** Each differs in one thing from what is accepted. */
const refused: { name: string; proving: Proving; why: RegExp }[] = [
  { name: "no certificate", proving: as("subject"), why: /shows no client certificate/ },
  {
    name: "another client's certificate",
    proving: as("subject", { certificate: pinned }),
    why: /certificate is another's/,
  },
  {
    name: "two common names, of which one is right",
    proving: as("subject", {
      certificate: said({
        subject: [
          ["CN", "billing"],
          ["CN", "x"],
          ["O", "Partner Inc"],
        ],
      }),
    }),
    why: /another's/,
  },
  {
    name: "a common name in another case",
    proving: as("subject", {
      certificate: said({
        subject: [
          ["CN", "Billing"],
          ["O", "Partner Inc"],
        ],
      }),
    }),
    why: /another's/,
  },
  {
    name: "a SAN that goes on",
    proving: as("san", { certificate: said({ uri: ["spiffe://a.test/billing/admin"] }) }),
    why: /another's/,
  },
  {
    name: "the SAN as a host name",
    proving: as("san", { certificate: said({ dns: ["spiffe://a.test/billing"] }) }),
    why: /another's|two ways/,
  },
  {
    name: "a name that can be read in two ways",
    proving: as("san", { certificate: said({ uri: ["spiffe://a.test/billing", "spiffe://a.test/\0"] }) }),
    why: /two ways/,
  },
  {
    name: "a copy of the pinned certificate's names",
    proving: as("pinned", { certificate: said({ subject: [["CN", "pinned"]] }) }),
    why: /another's/,
  },
  {
    name: "a secret beside the right certificate",
    proving: { certificate: named, headers: { authorization: basicOf("subject", "x") } },
    why: /a secret, and is registered for tls_client_auth/,
  },
  {
    name: "a certificate in place of a secret",
    proving: as("app", { certificate: named }),
    why: /its name, and is registered for client_secret/,
  },
  {
    name: "a certificate under nobody's name",
    proving: as("nobody", { certificate: named }),
    why: /no client has this id/,
  },
];

for (const protocol of protocolNames) {
  test(`over ${protocol} a client proves itself with its certificate, and its tokens are bound to it`, async (t) => {
    const ground = await provingGround(t, { clients });
    for (const { name, proving, print } of accepted) {
      const { status, json, record } = await ground[protocol](proving);
      assert.deepEqual([name, status, json.token_type], [name, 200, "Bearer"]);
      assert.deepEqual(claimsOf(json.access_token).cnf, { "x5t#S256": print });
      assert.equal(record?.principal?.method, "certificate");
    }
  });

  test(`over ${protocol} a certificate that is not the client's has its own reason, and one answer`, async (t) => {
    let ground = await provingGround(t, { clients });
    for (const [index, { name, proving, why }] of refused.entries()) {
      // Ten failures a minute are the limit.
      if (index % 8 === 7) ground = await provingGround(t, { clients });
      const { status, json, reason } = await ground[protocol](proving);
      assert.deepEqual([name, status, json.error], [name, 401, "invalid_client"]);
      assert.equal(json.error_description, "the client is not known, or did not prove it");
      assert.match(reason, why, name);
    }
  });
}

test("an opaque token of such a client is bound as well, as the client is told when it asks", async (t) => {
  const ground = await provingGround(t, { clients });
  const { json } = await ground.http1(as("san", { certificate: named }));
  const form = { client_id: "san", token: json.access_token };
  const about = await ground.http2({ certificate: named, path: "/oauth/introspect", form });
  assert.deepEqual([about.status, about.json.active], [200, true]);
  assert.deepEqual(about.json.cnf, { "x5t#S256": printOf(named.certificate) });
});

test("a certificate that has expired since the handshake is none", async (t) => {
  const ground = await provingGround(t, { clients, clock: laterBy(2 * 86_400_000) });
  const { status, reason } = await ground.http1(as("subject", { certificate: named }));
  assert.equal(status, 401);
  assert.match(reason, /certificate has expired/);
});

test("the same names from an authority that nobody trusts do not get past the handshake", async (t) => {
  const stranger = createAuthority("listener tests");
  const certificate = certificateSaying(stranger, {
    subject: [
      ["CN", "billing"],
      ["O", "Partner Inc"],
    ],
  });
  const ground = await provingGround(t, { clients });
  await assert.rejects(ground.http1(as("subject", { certificate })));
});

const laterBy = (ms: number) => ({ ...systemClock, now: () => Date.now() + ms });

test("a certificate that was taken back is nobody's at any endpoint, however good it is otherwise", async (t) => {
  const revoked = new Set<string | undefined>();
  const { http1 } = await provingGround(t, {
    clients,
    revocations: {
      revoke: () => Promise.resolve(),
      condition({ confirmation }) {
        if (revoked.has(confirmation?.certificate)) throw new GatewayError("token.revoked");
      },
    },
  });
  const paths = ["/oauth/token", "/oauth/introspect", "/oauth/revoke"];
  const asked = (path: string) =>
    http1(as("subject", { certificate: named, path, form: { token: "x", grant_type: "client_credentials" } }));
  for (const path of paths) assert.equal((await asked(path)).status, 200, path);
  revoked.add(printOf(named.certificate));
  for (const path of paths) {
    const { status, json, reason } = await asked(path);
    assert.deepEqual([status, json.error], [401, "invalid_client"], path);
    assert.match(reason, /taken back|revoked/);
  }
});
