import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { test, type TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { ask, authority, listening, serverMaterial, session } from "@tandem/kernel/listener/testing";
import { answer } from "@tandem/kernel/testing";
import { attacksOnClaims } from "./attacks-on-claims.testing.ts";
import { attacksOnForm, attacksOnType } from "./attacks-on-form.testing.ts";
import { attacksOnAlgorithms, attacksOnKeys, attacksOnSignatures } from "./attacks-on-keys.testing.ts";
import { attackedStage, ed, es, good, signedTexts, headerJson, json, marked, rsa, claims } from "./attacks.testing.ts";
import { signToken } from "./testing.ts";

/** Everything that is known to have been tried on verifiers of tokens (RFC 8725, and what others fell for). */
const attacks = [
  ...attacksOnAlgorithms,
  ...attacksOnSignatures,
  ...attacksOnKeys,
  ...attacksOnForm,
  ...attacksOnType,
  ...attacksOnClaims,
];

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly challenge: string;
}

type Judge = (token: string) => Promise<Outcome>;

/** By one connection each to the real listener, over TLS. */
const protocols: Record<string, (t: TestContext, port: number) => Judge> = {
  "HTTP/1.1": (t, port) => {
    const agent = new Agent({ ca: authority.certificate, servername: "localhost", keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    return (token) =>
      new Promise((resolve, reject) => {
        const headers = { host: "a.test", authorization: `Bearer ${token}` };
        const asking = request({ host: "127.0.0.1", port, agent, headers }, (response) => {
          const { statusCode = 0, headers: fields, httpVersion } = response;
          let text = "";
          response.on("data", (chunk) => (text += String(chunk)));
          response.on("end", () => {
            assert.equal(httpVersion, "1.1");
            resolve({ status: statusCode, text, challenge: fields["www-authenticate"] ?? "" });
          });
        });
        asking.on("error", reject);
        asking.end();
      });
  },
  "HTTP/2": (t, port) => {
    const client = session(t, port);
    return async (token) => {
      const asked = { ":path": "/", ":authority": "a.test", authorization: `Bearer ${token}` };
      const { status, text, fields } = await ask(client, asked);
      return { status, text, challenge: String(fields["www-authenticate"]) };
    };
  },
};

for (const [protocol, connect] of Object.entries(protocols))
  test(`over ${protocol}`, async (t) => {
    const stages = [hygiene({ from: "strangers" }), attackedStage(), answer];
    const { port } = await listening(t, { stages, tls: serverMaterial });
    const judge = connect(t, port);
    for (const { name, token, control = good, code, saying } of attacks)
      await t.test(`${name}: ${code}, and the control passes`, async () => {
        const { status, text, challenge } = await judge(token);
        const { type, detail } = JSON.parse(text);
        assert.equal(type, `urn:tandem:problem:${code}`, text);
        assert.equal(status, 401);
        if (saying) assert.match(detail ?? "", saying);
        assert.match(challenge, /^Bearer realm="tandem", error="invalid_token"/);
        assert.doesNotMatch(text + challenge, /eyJ|evil|whoami|UNION|admin/);
        assert.equal((await judge(control)).status, 200, "the control");
      });
  });

test("no two attacks are the same, and no control is one", () => {
  assert.equal(new Set(attacks.map(({ token }) => token)).size, attacks.length);
  assert.equal(new Set(attacks.map(({ name }) => name)).size, attacks.length);
  for (const { name, token, control = good } of attacks) assert.notEqual(token, control, name);
});

const passing: { name: string; token: string }[] = [
  ...["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"].map((typ) => ({
    name: `type ${typ}`,
    token: signToken(rsa, claims, { typ }),
  })),
  {
    name: "the mark of an access token where it is asked for",
    token: signToken(rsa, { ...claims, iss: marked }, { typ: "at+jwt" }),
  },
  { name: "an ECDSA key", token: signToken(es, claims) },
  { name: "an EdDSA key", token: signToken(ed, claims) },
  { name: "a thumbprint that nobody looks at", token: signToken(rsa, claims, { x5t: "AAAA" }) },
  { name: "white space inside its JSON", token: signedTexts(`${headerJson}\n`, ` ${json}`) },
];
for (const { name, token } of passing)
  test(`a token with ${name} is none of these`, async (t) => {
    const { port } = await listening(t, { stages: [attackedStage(), answer], tls: serverMaterial });
    assert.equal(
      (await ask(session(t, port), { ":path": "/", ":authority": "a.test", authorization: `Bearer ${token}` })).status,
      200,
    );
  });
