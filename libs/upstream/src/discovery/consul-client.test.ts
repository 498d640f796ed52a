import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { freePort } from "@tandem/platform/free-ports.testing";
import { Secret } from "@tandem/platform/config/secret";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { directoryWith, until } from "@tandem/platform/testing";
import { loadClientTls, type ClientTlsFiles } from "../connections/client-tls.ts";
import { createConsulClient } from "./consul-client.ts";
import { consulAgent } from "./testing.ts";

/** An agent that speaks TLS on one of its ports, and to those alone whom it trusts. */
async function secureAgent(t: TestContext) {
  const authority = createAuthority("Consul of a test");
  const server = issueCertificate(authority, {
    name: "server.dc1.consul",
    sans: ["server.dc1.consul"],
    usage: "server",
  });
  const client = issueCertificate(authority, { name: "gateway", usage: "client" });
  const other = createAuthority("somebody else");
  const directory = directoryWith(t, {
    "ca.crt": authority.certificate,
    "server.crt": server.certificate,
    "server.key": server.key,
    "client.crt": client.certificate,
    "client.key": client.key,
    "other.crt": other.certificate,
  });
  const file = (name: string): string => join(directory, name);
  const port = await freePort();
  const hcl = `
    ports { https = ${port} }
    ca_file = "${file("ca.crt")}"
    cert_file = "${file("server.crt")}"
    key_file = "${file("server.key")}"
    verify_incoming_https = true`;
  const agent = await consulAgent(t, { hcl });
  if (!agent) return undefined;
  await agent.register({ name: "orders", id: "a", port: 7201 });
  const ask = async (files: ClientTlsFiles) => {
    const consul = createConsulClient(`https://127.0.0.1:${port}`, { tls: loadClientTls(files) });
    try {
      return await consul.health("orders", { index: 0, wait: 100, signal: new AbortController().signal });
    } finally {
      consul.close();
    }
  };
  return { ask, file };
}

test("an agent behind mutual TLS is trusted by its authority and its name, and shown who we are", async (t) => {
  const secure = await secureAgent(t);
  if (!secure) return;
  const { ask, file } = secure;
  const pair = { certificate: file("client.crt"), key: file("client.key") };
  const name = "server.dc1.consul";
  await until("it answers", async () => (await ask({ ...pair, ca: file("ca.crt"), name })).entries.length === 1);
  await assert.rejects(ask({ ca: file("ca.crt"), name }), "without a certificate");
  await assert.rejects(ask({ ...pair, ca: file("other.crt"), name }), /self.signed|unable to/);
  await assert.rejects(ask({ ...pair, ca: file("ca.crt"), name: "other.consul" }), /altnames/);
  await assert.rejects(ask({ ...pair, ca: file("ca.crt") }), /altnames/);
});

test("an agent is shown the token, and one that it does not know is an error and no empty list", async (t) => {
  const token = "6c1b8f2e-0000-4000-8000-000000000001";
  const tokens = `tokens { master = "${token}" agent = "${token}" }`;
  const agent = await consulAgent(t, { hcl: `acl { enabled = true default_policy = "deny" ${tokens} }`, token });
  if (!agent) return;
  await agent.register({ name: "orders", id: "a", port: 7201 });
  const ask = async (text: string) => {
    const consul = createConsulClient(agent.address, { token: new Secret(text) });
    t.after(() => consul.close());
    return consul.health("orders", { index: 0, wait: 100, signal: new AbortController().signal });
  };
  await until("the token reads", async () => (await ask(token)).entries.length === 1);
  await assert.rejects(ask(token.replaceAll("1", "2")), /forbidden|ACL not found/);
});
