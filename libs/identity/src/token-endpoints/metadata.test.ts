import assert from "node:assert/strict";
import { test } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { request } from "@tandem/kernel/testing";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { tokenEndpoints } from "./stage.ts";
import { clientOf, openTestIssuer } from "./testing.ts";

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const cases = [
  { name: "no client may more", clients: [], grants: ["client_credentials"] },
  {
    name: "a client may refresh",
    clients: [clientOf("web", { refresh: true })],
    grants: ["client_credentials", "refresh_token"],
  },
  {
    name: "a client may exchange",
    clients: [clientOf("web", { exchange: true })],
    grants: ["client_credentials", exchange],
  },
];
for (const { name, clients, grants } of cases)
  test(`where ${name} the metadata tells of ${grants.join(" and ")}, and of every endpoint`, async (t) => {
    const { issuer } = await openTestIssuer(t, { clients });
    const stages = [hygiene({ from: "strangers" }), tokenEndpoints({ issuer, store: new MemoryStore() })];
    const { json } = await request(t, stages, { path: "/.well-known/oauth-authorization-server" });
    assert.deepEqual(json.grant_types_supported, grants);
    const named = Object.entries(json).filter(([member]) => member.endsWith("_endpoint"));
    assert.deepEqual(
      named.map(([member]) => member),
      ["token_endpoint", "introspection_endpoint", "revocation_endpoint"],
    );
    for (const [member, url] of named) {
      assert.ok(String(url).startsWith("https://gateway.test/oauth/"));
      const { status } = await request(t, stages, { path: new URL(String(url)).pathname, method: "POST" });
      assert.equal(status, 400, `${member} is there, and asks for a form`);
      assert.ok(json[`${member}_auth_methods_supported`].includes("client_secret_basic"));
    }
  });
