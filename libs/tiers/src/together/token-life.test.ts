// Tokens from their first to their last through both tiers: refreshed, exchanged and taken back.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { until } from "@tandem/platform/testing";
import { ask, clientOf, ownIssuer, protocols, startBoth, type Line } from "./testing.ts";

const scopes = ["orders:read"];
const embedded = ownIssuer(
  clientOf("app", { scopes, refresh: true }),
  clientOf("sealed", { scopes, refresh: true, tokens: "opaque" }),
  clientOf("agent", { scopes, exchange: true }),
);

/** Both tiers, and what a client does with them. */
async function start(t: TestContext, protocol: Line["protocol"]) {
  const bed = await startBoth(t, (_, response) => void response.end("{}"), { issuers: [embedded] });
  const line: Line = { port: bed.security.port, protocol, tls: bed.tls() };
  const post = (path: string, { as, ...form }: { as: string; [name: string]: string }) => {
    const authorization = `Basic ${Buffer.from(`${as}:${as}-secret`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    return ask(line, { method: "POST", path, headers, body: new URLSearchParams(form).toString() });
  };
  const use = async (token: string): Promise<number> =>
    (await ask(line, { path: "/orders", headers: { authorization: `Bearer ${token}` } })).status;
  return { post, use };
}

for (const protocol of protocols)
  for (const as of ["app", "sealed"])
    test(`over ${protocol} a session of ${as} goes on until its refresh token is revoked`, async (t) => {
      const { post, use } = await start(t, protocol);
      const { json: first } = await post("/oauth/token", { as, grant_type: "client_credentials" });
      const again = { as, grant_type: "refresh_token", refresh_token: first.refresh_token };
      const { json: second } = await post("/oauth/token", again);
      for (const { access_token: token } of [first, second]) assert.equal(await use(token), 200);
      assert.equal((await post("/oauth/revoke", { as, token: second.refresh_token })).status, 200);
      for (const { access_token: token } of [first, second])
        await until("the token is refused", async () => (await use(token)) === 401);
      const late = await post("/oauth/token", { ...again, refresh_token: second.refresh_token });
      assert.deepEqual([late.status, late.json.error], [400, "invalid_grant"]);
    });

for (const protocol of protocols)
  test(`over ${protocol} an agent gets a token for another's, and the other's end does not end it`, async (t) => {
    const { post, use } = await start(t, protocol);
    const { json: theirs } = await post("/oauth/token", { as: "sealed", grant_type: "client_credentials" });
    const exchange = {
      as: "agent",
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: theirs.access_token,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    };
    const { status, json } = await post("/oauth/token", exchange);
    assert.deepEqual([status, json.scope], [200, "orders:read"]);
    assert.equal(await use(json.access_token), 200);
    await post("/oauth/revoke", { as: "sealed", token: theirs.access_token });
    assert.equal(await use(json.access_token), 200, "what was given in exchange is another token");
    const late = await post("/oauth/token", exchange);
    assert.deepEqual([late.status, late.json.error], [400, "invalid_request"]);
    await post("/oauth/revoke", { as: "sealed", token: theirs.refresh_token });
    await until("the end of the session ends it", async () => (await use(json.access_token)) === 401);
  });
