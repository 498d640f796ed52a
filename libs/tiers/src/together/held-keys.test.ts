// Who proves to hold a key, by a certificate or by a proof that goes with a token, is somebody to the service, on both protocols.
import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { signToken, type TestKey } from "@tandem/identity/authenticate/testing";
import { createClientKey, proofFor } from "@tandem/identity/dpop/testing";
import { thumbprint } from "@tandem/platform/tls/thumbprint";
import { ask as askPlain } from "@tandem/platform/testing";
import { keyIn } from "../testing.ts";
import { ask, audience, issuer, protocols, startBoth } from "./testing.ts";

const seen: IncomingHttpHeaders[] = [];
const service = (request: { headers: IncomingHttpHeaders }, response: { end(): void }) => {
  seen.push(request.headers);
  response.end();
};
const listen = {
  host: "127.0.0.1",
  port: 0,
  tls: { certificate: "server.crt", key: "server.key", clientCa: "ca.crt", clientCertificate: "optional" },
};
const certificates = [
  { match: { subject: { CN: "client" } }, principal: { subject: { from: "cn" }, scopes: ["orders:read"] } },
];
const bed = await startBoth({ after }, service, { listen, certificates, dpop: { window: "30s" } });

const { kid, privateKey, publicKey: verification } = keyIn(join(bed.folder, "token-keys"), "RS256");
const signer: TestKey = { kid, algorithm: "RS256", privateKey, publicKey: createPublicKey(privateKey), verification };
const now = Math.floor(Date.now() / 1000);
const tokenBoundTo = (cnf: object): string =>
  signToken(
    signer,
    { iss: issuer, aud: audience, sub: "me", iat: now, exp: now + 600, scope: "orders:read", cnf },
    { typ: "at+jwt" },
  );
const clientPrint = thumbprint(new X509Certificate(String(bed.tls("client").cert)).raw);

for (const protocol of protocols) {
  const lineOf = (name?: string) => ({ port: bed.security.port, protocol, tls: bed.tls(name) });
  const asked = (headers: Record<string, string> = {}, name?: string) =>
    ask(lineOf(name), { path: "/orders", headers: { host: "gateway.test", ...headers } });
  const typeOf = async (told: ReturnType<typeof asked>) => {
    const { status, json } = await told;
    return [status, String(json?.type).replace("urn:tandem:problem:", "")];
  };

  test(`over ${protocol} a certificate opens what its rule gives, and without a rule nothing`, async () => {
    assert.equal((await asked({}, "client")).status, 200);
    assert.deepEqual(await typeOf(asked({}, "stranger")), [401, "credentials.certificate"]);
    assert.deepEqual(await typeOf(asked()), [401, "identity.required"]);
  });

  test(`over ${protocol} a token that is bound to a certificate is good on its connections alone`, async () => {
    const authorization = `Bearer ${tokenBoundTo({ "x5t#S256": clientPrint })}`;
    assert.equal((await asked({ authorization }, "client")).status, 200);
    assert.deepEqual(await typeOf(asked({ authorization }, "stranger")), [401, "token.binding"]);
    assert.deepEqual(await typeOf(asked({ authorization })), [401, "token.binding"]);
  });

  test(`over ${protocol} a token that is bound to a key is good with a proof, once, and neither goes on`, async () => {
    const key = createClientKey();
    const token = tokenBoundTo({ jkt: key.thumbprint });
    const authorization = `DPoP ${token}`;
    // Without `dpop.hosts`, the host of our own issuer is meant.
    const { host } = new URL(issuer);
    const dpop = proofFor(key, { url: `${issuer}/orders`, token });
    seen.length = 0;
    assert.equal((await asked({ authorization, dpop, host })).status, 200);
    assert.deepEqual([seen[0]?.authorization, seen[0]?.["dpop"]], [undefined, undefined]);
    assert.deepEqual(await typeOf(asked({ authorization, dpop, host })), [401, "token.proof"]);
    assert.deepEqual(await typeOf(asked({ authorization, host })), [401, "token.proof"]);
    assert.deepEqual(await typeOf(asked({ authorization: `Bearer ${token}` })), [401, "token.binding"]);
    const elsewhere = proofFor(key, { url: "https://other.test/orders", token });
    assert.deepEqual(await typeOf(asked({ authorization, dpop: elsewhere, host })), [401, "token.proof"]);
    const replayed = proofFor(key, { url: "https://rogue.test/orders", token });
    assert.deepEqual(await typeOf(asked({ authorization, dpop: replayed, host: "rogue.test" })), [401, "token.proof"]);
  });
}

test("a certificate that is revoked by its thumbprint is nobody's at once", async () => {
  const line = (protocol: (typeof protocols)[number]) => ({
    port: bed.security.port,
    protocol,
    tls: bed.tls("client"),
  });
  const { status } = await askPlain(bed.security.adminPort, "/revocations", {
    method: "POST",
    headers: { authorization: "Bearer the-admin-token-of-the-tests", "content-type": "application/json" },
    body: JSON.stringify({ kind: "id", id: clientPrint }),
  });
  assert.equal(status, 201);
  for (const protocol of protocols) {
    const { status: refused, json } = await ask(line(protocol), { path: "/orders" });
    assert.deepEqual([refused, json.type], [401, "urn:tandem:problem:token.revoked"]);
  }
});
