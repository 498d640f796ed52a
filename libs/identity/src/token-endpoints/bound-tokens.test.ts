import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test, type TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import {
  ask,
  authority,
  clientOf as certified,
  dial,
  listening,
  serverMaterial,
  session,
} from "@tandem/kernel/listener/testing";
import { answer } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { thumbprint } from "@tandem/platform/tls/thumbprint";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { authenticate } from "../authenticate/stage.ts";
import { dpopSchema } from "../dpop/config.ts";
import { dpopProofs } from "../dpop/dpop-proofs.ts";
import { createClientKey, proofFor } from "../dpop/testing.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { openOn } from "../revocation/testing.ts";
import { tokenEndpoints } from "./stage.ts";
import { clientOf, openTestIssuer } from "./testing.ts";

const host = "gateway.test";
const at = (path: string): string => `https://${host}${path}`;
const key = createClientKey();
const other = createClientKey();
const own = certified("own");
const print = thumbprint(new X509Certificate(own.certificate).raw);
const clients = [
  clientOf("web", { scopes: ["orders:read"], refresh: true, exchange: true }),
  clientOf("opaque", { scopes: ["orders:read"], tokens: "opaque" }),
  clientOf("keyed", { bound: "key" }),
  clientOf("mutual", { bound: "certificate", refresh: true }),
];

interface Asked {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly certificate?: boolean;
}
interface Told {
  readonly status: number;
  readonly json: any;
  readonly nonce: string | undefined;
}
type Ask = (asked: Asked) => Promise<Told>;

async function gateway(
  t: TestContext,
  options: object = {},
  revocations?: Revocations,
): Promise<Readonly<Record<"http1" | "http2", Ask>>> {
  const { issuer, issuers } = await openTestIssuer(t, { clients });
  const store = new MemoryStore();
  const proofs = dpopProofs({ options: dpopSchema.parse(options), store });
  const kinds = [jwtKind({ issuers, clock: systemClock })];
  const stages = [
    hygiene({ from: "strangers" }),
    tokenEndpoints({ issuer, store, kinds, proofs, ...(revocations && { revocations }) }),
    authenticate({ kinds, conditions: revocations ? [revocations.condition] : [], proofs: proofs.condition }),
    answer,
  ];
  const tls = { ...serverMaterial, clients: { ca: authority.certificate, required: false } };
  const { port } = await listening(t, { stages, tls });
  const shownIf = (certificate = false) => (certificate ? { cert: own.certificate, key: own.key } : {});
  const partsOf = ({ headers = {}, form }: Asked) => {
    const body = form && new URLSearchParams(form).toString();
    const type = { "content-type": "application/x-www-form-urlencoded", "content-length": String(body?.length) };
    return { body, method: form ? "POST" : "GET", headers: { ...headers, ...(form && type) } };
  };
  return {
    http1: async (asked) => {
      const { body = "", method, headers } = partsOf(asked);
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const line = dial(t, port, shownIf(asked.certificate));
      line.socket.write(
        `${method} ${asked.path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${lines.join("")}\r\n${body}`,
      );
      const text = await line.ended;
      const json: unknown = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
      return { status: Number(text.slice(9, 12)), json, nonce: /^dpop-nonce: (.*?)\r$/im.exec(text)?.[1] };
    },
    http2: async (asked) => {
      const { body, method, headers } = partsOf(asked);
      const client = session(t, port, shownIf(asked.certificate));
      const target = { ":method": method, ":path": asked.path, ":authority": host };
      const { status, json, fields } = await ask(client, { ...target, ...headers }, body);
      const nonce = fields["dpop-nonce"];
      return { status, json, nonce: nonce === undefined ? undefined : String(nonce) };
    },
  };
}

const basic = (id: string): string => `Basic ${Buffer.from(`${id}:${id}-secret`).toString("base64")}`;
const proof = (more: Parameters<typeof proofFor>[2] = {}, by = key): string =>
  proofFor(by, { method: "POST", url: at("/oauth/token") }, more);

function tokenRequest(
  id: string,
  dpop?: string,
  form: Record<string, string> = { grant_type: "client_credentials" },
): Asked {
  return { path: "/oauth/token", headers: { authorization: basic(id), ...(dpop !== undefined && { dpop }) }, form };
}

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

test("a proof binds the token to its key, and with another proof the token is good", async (t) => {
  const asking = await gateway(t);
  for (const send of Object.values(asking)) {
    const { status, json } = await send(tokenRequest("web", proof()));
    assert.deepEqual([status, json.token_type], [200, "DPoP"], JSON.stringify(json));
    const token: string = json.access_token;
    assert.deepEqual(claimsOf(token).cnf, { jkt: key.thumbprint });
    const used = { authorization: `DPoP ${token}`, dpop: proofFor(key, { url: at("/x"), token }) };
    assert.equal((await send({ path: "/x", headers: used })).json.principal.subject, "web");
    assert.equal((await send({ path: "/x", headers: { authorization: `Bearer ${token}` } })).status, 401);
  }
});

test("without a proof a token is a bearer token, but for clients whose tokens are never that", async (t) => {
  const { http1 } = await gateway(t);
  const { json } = await http1(tokenRequest("web"));
  assert.deepEqual([json.token_type, claimsOf(json.access_token).cnf], ["Bearer", undefined]);
  for (const id of ["keyed", "mutual"]) {
    const refused = await http1(tokenRequest(id));
    assert.deepEqual([refused.status, refused.json.error], [400, "invalid_request"]);
  }
  assert.equal((await http1(tokenRequest("keyed", proof()))).json.token_type, "DPoP");
  assert.equal((await http1(tokenRequest("opaque", proof()))).json.token_type, "DPoP");
});

test("tokens of a client that is registered so are bound to the certificate of its connection", async (t) => {
  const asking = await gateway(t);
  for (const send of Object.values(asking)) {
    const { status, json } = await send({ ...tokenRequest("mutual"), certificate: true });
    assert.deepEqual([status, json.token_type], [200, "Bearer"]);
    assert.deepEqual(claimsOf(json.access_token).cnf, { "x5t#S256": print });
    const headers = { authorization: `Bearer ${json.access_token}` };
    assert.equal((await send({ path: "/x", headers, certificate: true })).status, 200);
    assert.equal((await send({ path: "/x", headers })).json.type, "urn:tandem:problem:token.binding");
    const form = { grant_type: "refresh_token", refresh_token: json.refresh_token };
    assert.equal((await send({ ...tokenRequest("mutual", undefined, form), certificate: true })).status, 200);
    const web = await send({ ...tokenRequest("web"), certificate: true });
    assert.equal(claimsOf(web.json.access_token).cnf, undefined);
  }
});

test("with a certificate that is revoked go the tokens that are bound to it, and no further ones are given", async (t) => {
  const revocations = await openOn(t, new MemoryStore());
  const asking = await gateway(t, {}, revocations);
  const { json } = await asking.http1({ ...tokenRequest("mutual"), certificate: true });
  await revocations.revoke({ kind: "id", id: print }, Date.now() + 60_000);
  const headers = { authorization: `Bearer ${json.access_token}` };
  const forms = [
    { grant_type: "client_credentials" },
    { grant_type: "refresh_token", refresh_token: json.refresh_token },
  ];
  for (const send of Object.values(asking)) {
    assert.equal(
      (await send({ path: "/x", headers, certificate: true })).json.type,
      "urn:tandem:problem:token.revoked",
    );
    for (const form of forms) {
      const refused = await send({ ...tokenRequest("mutual", undefined, form), certificate: true });
      assert.deepEqual([refused.status, refused.json.error], [400, "invalid_request"]);
    }
    assert.equal((await send({ ...tokenRequest("web"), certificate: true })).status, 200);
  }
});

test("a client that was revoked up to now gets tokens from now on, bound to its certificate as before", async (t) => {
  const revocations = await openOn(t, new MemoryStore());
  const { http1 } = await gateway(t, {}, revocations);
  const before = Date.now() / 1000;
  await revocations.revoke({ kind: "client", client: "mutual", before }, Date.now() + 60_000);
  assert.equal((await http1({ ...tokenRequest("mutual"), certificate: true })).status, 200);
});

const bad: { name: string; dpop: () => string; says: RegExp }[] = [
  {
    name: "for another resource",
    dpop: () => proofFor(key, { method: "POST", url: at("/x") }),
    says: /another resource/,
  },
  { name: "for another method", dpop: () => proof({ claims: { htm: "GET" } }), says: /method/ },
  { name: "that is old", dpop: () => proof({ claims: { iat: Math.floor(Date.now() / 1000) - 100 } }), says: /old/ },
  { name: "by another key than it shows", dpop: () => proof({ header: { jwk: other.jwk } }), says: /not signed/ },
  { name: "that is empty", dpop: () => "", says: /three parts/ },
];
for (const { name, dpop, says } of bad)
  test(`a proof ${name} gives no token`, async (t) => {
    const asking = await gateway(t);
    for (const send of Object.values(asking)) {
      const { status, json } = await send(tokenRequest("web", dpop()));
      assert.deepEqual([status, json.error], [400, "invalid_dpop_proof"]);
      assert.match(json.error_description, says);
    }
  });

test("a proof gives one token, and is not looked at before the client has proved itself", async (t) => {
  const { http1 } = await gateway(t);
  const dpop = proof();
  const stranger = tokenRequest("web", dpop);
  const wrong = { ...stranger, headers: { ...stranger.headers, authorization: `Basic ${btoa("web:wrong")}` } };
  assert.equal((await http1(wrong)).json.error, "invalid_client");
  assert.equal((await http1(tokenRequest("web", dpop))).status, 200);
  assert.match((await http1(tokenRequest("web", dpop))).json.error_description, /used before/);
});

test("where a nonce is asked for, the refusal brings it", async (t) => {
  const { http1, http2 } = await gateway(t, { nonce: { secret: "n".repeat(32) } });
  for (const send of [http1, http2]) {
    const { status, json, nonce } = await send(tokenRequest("web", proof()));
    assert.deepEqual([status, json.error], [400, "use_dpop_nonce"]);
    assert.equal((await send(tokenRequest("web", proof({ claims: { nonce } })))).status, 200);
  }
});

test("a session that was begun with a key goes on with that key alone", async (t) => {
  const { http1 } = await gateway(t);
  const begun = await http1(tokenRequest("web", proof()));
  const form = { grant_type: "refresh_token", refresh_token: begun.json.refresh_token };
  for (const dpop of [undefined, proof({}, other)])
    assert.equal((await http1(tokenRequest("web", dpop, form))).json.error, "invalid_grant");
  const { json } = await http1(tokenRequest("web", proof(), form));
  assert.deepEqual([json.token_type, claimsOf(json.access_token).cnf], ["DPoP", { jkt: key.thumbprint }]);
});

test("a bound token is exchanged for one that is bound as it was, by whoever holds its key", async (t) => {
  const { http1 } = await gateway(t);
  const first = await http1(tokenRequest("web", proof()));
  const form = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: first.json.access_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  };
  for (const dpop of [undefined, proof({}, other)])
    assert.equal((await http1(tokenRequest("web", dpop, form))).json.error, "invalid_request");
  const { status, json } = await http1(tokenRequest("web", proof(), form));
  assert.deepEqual([status, json.token_type], [200, "DPoP"], JSON.stringify(json));
  assert.deepEqual(claimsOf(json.access_token).cnf, { jkt: key.thumbprint });
});

test("the metadata tell which algorithms a proof may have", async (t) => {
  const { http1 } = await gateway(t);
  const { json } = await http1({ path: "/.well-known/oauth-authorization-server" });
  assert.ok(json.dpop_signing_alg_values_supported.includes("ES256"));
  assert.ok(!json.dpop_signing_alg_values_supported.includes("none"));
});
