// A token that was good is refused once it is revoked, on both protocols, and the tier shows it.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { after, test } from "node:test";
import { signToken, type TestKey } from "@tandem/identity/authenticate/testing";
import { tokenDigest } from "@tandem/identity/revocation/token-digest";
import { keyIn } from "../testing.ts";
import { ask, audience, issuer, protocols, startBoth } from "./testing.ts";

const bed = await startBoth({ after }, (_, response) => response.end());
const { kid, privateKey, publicKey: verification } = keyIn(join(bed.folder, "token-keys"), "RS256");
const key: TestKey = { kid, algorithm: "RS256", privateKey, publicKey: createPublicKey(privateKey), verification };
const now = Math.floor(Date.now() / 1000);

const tokenOf = (jti: string, more: object = {}): string =>
  signToken(
    key,
    { iss: issuer, aud: audience, sub: `sub-${jti}`, jti, iat: now, exp: now + 600, scope: "orders:read", ...more },
    { typ: "at+jwt" },
  );

const admin = async (method: string, body?: object) => {
  const answer = await bed.security.admin("/revocations", { method, ...(body && { body: JSON.stringify(body) }) });
  const json: any = await answer.json();
  return { status: answer.status, json };
};

for (const protocol of protocols) {
  const line = { port: bed.security.port, protocol, tls: bed.tls() };
  const asked = (token: string) => ask(line, { path: "/orders", headers: { authorization: `Bearer ${token}` } });

  for (const { name, revoke } of [
    { name: "itself", revoke: (token: string) => ({ kind: "token", digest: tokenDigest(token) }) },
    { name: "its id", revoke: () => ({ kind: "id", id: `${protocol}-its id`, issuer }) },
    { name: "its subject", revoke: () => ({ kind: "subject", subject: `sub-${protocol}-its subject` }) },
    { name: "its client", revoke: () => ({ kind: "client", client: `client-${protocol}` }) },
    { name: "its session", revoke: () => ({ kind: "session", session: `sid-${protocol}` }) },
  ])
    test(`over ${protocol} a token is good until ${name} is revoked, and another stays good`, async () => {
      const more = name === "its client" ? { client_id: `client-${protocol}` } : { sid: `sid-${protocol}` };
      const marks = /client|session/.test(name) ? more : {};
      const token = tokenOf(`${protocol}-${name}`, marks);
      const other = tokenOf(`${protocol}-${name}-other`);
      assert.deepEqual([(await asked(token)).status, (await asked(other)).status], [200, 200]);
      const { status, json } = await admin("POST", revoke(token));
      assert.deepEqual([status, json.shared], [201, false]);
      const { status: refused, json: problem, headers } = await asked(token);
      assert.deepEqual([refused, problem.type], [401, "urn:tandem:problem:token.revoked"]);
      assert.match(headers["www-authenticate"]!, /error="invalid_token"/);
      assert.equal((await asked(other)).status, 200);
    });
}

test("the tier lists and counts what was revoked, and a key takes all its tokens with it", async () => {
  const { json } = await admin("GET");
  assert.deepEqual([json.total, json.blind, json.revocations.length], [10, false, 10]);
  const token = tokenOf("last");
  const asked = () =>
    ask(
      { port: bed.security.port, protocol: "h2", tls: bed.tls() },
      { path: "/orders", headers: { authorization: `Bearer ${token}` } },
    );
  assert.equal((await asked()).status, 200);
  await admin("POST", { kind: "key", keyId: kid });
  assert.equal((await asked()).json.type, "urn:tandem:problem:token.revoked");
  const metrics = await (await bed.security.admin("/metrics")).text();
  assert.match(metrics, /^tandem_revocations\{[^}]*\} 11$/m);
  assert.match(metrics, /^tandem_revocations_blind\{[^}]*\} 0$/m);
});
