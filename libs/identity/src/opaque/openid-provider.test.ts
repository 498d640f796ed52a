import assert from "node:assert/strict";
import { generateKeyPairSync, hash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { systemClock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { Provider, type Adapter, type AdapterPayload } from "oidc-provider";
import { issuersSchema } from "../issuers/config.ts";
import { RemoteTokens } from "./remote-tokens.ts";

const nothing = (): Promise<undefined> => Promise.resolve(undefined);

/** What the provider keeps, for as long as the test lasts. */
function keeping(): (name: string) => Adapter {
  const kept = new Map<string, AdapterPayload>();
  return (name) => ({
    upsert: async (id, payload) => void kept.set(`${name}:${id}`, payload),
    find: async (id) => kept.get(`${name}:${id}`),
    destroy: async (id) => void kept.delete(`${name}:${id}`),
    findByUserCode: nothing,
    findByUid: nothing,
    consume: nothing,
    revokeByGrantId: nothing,
  });
}

const client = { redirect_uris: [], response_types: [], grant_types: ["client_credentials"] };

/** A real authorization server with opaque tokens, a client of it, and the gateway that asks it. */
async function world(t: TestContext) {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => [server.closeAllConnections(), server.close()]);
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }] },
    adapter: keeping(),
    ttl: { ClientCredentials: 600 },
    clients: [
      { ...client, client_id: "orders-web", client_secret: "web-secret" },
      { ...client, client_id: "gateway", client_secret: "a+b%&:!~*()" },
    ],
    scopes: ["orders:read"],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
  });
  const answer = provider.callback();
  server.on("request", (request, response) => void answer(request, response));
  const post = (path: string, form: Record<string, string>): Promise<Response> =>
    fetch(issuer + path, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from("orders-web:web-secret").toString("base64")}` },
      body: new URLSearchParams(form),
    });
  const [options] = issuersSchema.parse([
    {
      name: "corp",
      type: "introspection",
      url: `${issuer}/token/introspection`,
      clientId: "gateway",
      clientSecret: "a+b%&:!~*()",
      issuer,
    },
  ]);
  assert.ok(options?.type === "introspection");
  const remote = new RemoteTokens({ issuer: options, clock: systemClock, logger: silentLogger });
  return {
    issuer,
    token: async (): Promise<string> => {
      const answered: any = await (
        await post("/token", { grant_type: "client_credentials", scope: "orders:read" })
      ).json();
      return answered.access_token;
    },
    revoke: (token: string) => post("/token/revocation", { token }),
    judge: (text: string) => remote.judge({ text, digest: hash("sha256", text, "base64url") }),
  };
}

test("a real server's opaque tokens are known, until they are revoked there", async (t) => {
  const { issuer, token, revoke, judge } = await world(t);
  const text = await token();
  assert.doesNotMatch(text, /\./);
  const { principal, marks } = await judge(text);
  const { expires = 0, ...who } = principal;
  assert.deepEqual(who, {
    subject: "orders-web",
    client: "orders-web",
    scopes: ["orders:read"],
    roles: [],
    method: "opaque",
    issuer,
  });
  assert.ok(Math.abs(expires - Date.now() / 1000 - 660) < 5);
  assert.equal(typeof marks.issuedAt, "number");
  assert.equal((await revoke(text)).status, 200);
  await assert.rejects(judge(text), { code: "token.inactive", status: 401 });
});

test("a real server knows nothing of a guess", async (t) => {
  const { judge } = await world(t);
  await assert.rejects(judge("x".repeat(43)), { code: "token.inactive", status: 401 });
});
