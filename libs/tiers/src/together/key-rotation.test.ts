// All that both tiers sign with is rotated twice while requests go on, and nobody is refused.
import assert from "node:assert/strict";
import { createPublicKey, hash, verify, type JsonWebKey } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createKeyFile } from "@tandem/identity/keys/create-key-file";
import { rotateKeys } from "@tandem/identity/keys/rotate-keys";
import { until } from "@tandem/platform/testing";
import { routingProcess } from "../routing-process.ts";
import { securityProcess } from "../security-process.ts";
import { keysFolder, startTier } from "../testing.ts";
import { ask, audience, issuer, type Line } from "./testing.ts";

const directories = {
  "token-keys": "RS256",
  "assertion-keys": "EdDSA",
  "service-keys": "ES256",
} as const;
const host = "127.0.0.1";
/** More than it takes, also on a busy machine, until everybody has read a new key. */
const lead = 4000;
const secretHash = `sha256:${hash("sha256", "app-secret")}`;

/** Verifies signatures as whoever caches a key set does: it is fetched every half second, never because a key is unknown. */
class Verifier {
  readonly kids = new Set<string>();
  #keys: readonly JsonWebKey[] = [];

  async follow(load: () => Promise<{ keys: JsonWebKey[] }>, signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await sleep(500)) this.#keys = (await load()).keys;
  }

  get isReady(): boolean {
    return this.#keys.length > 0;
  }

  accepts(token: string): boolean {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString() || "{}");
    const jwk = this.#keys.find((one) => one["kid"] === kid);
    if (!jwk) return false;
    this.kids.add(kid);
    const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
    return verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
  }
}

/** Both tiers with mutual TLS between them, and a service that believes nothing but tokens that are signed for it. */
async function start(t: TestContext) {
  const folder = await keysFolder(t);
  await createKeyFile(join(folder, "service-keys"), { algorithm: "ES256" });
  const service = new Verifier();
  const server = createServer(({ headers: { authorization = "" } }, response) => {
    response.writeHead(service.accepts(authorization.replace("Bearer ", "")) ? 200 : 418).end();
  }).listen(0, host);
  t.after(() => server.close().closeAllConnections());
  await once(server, "listening");
  const route = { name: "orders", match: { path: "/orders" }, allow: "authenticated", service: "orders" };
  const routing = await startTier(t, routingProcess, {
    folder,
    section: {
      listen: { host, port: 0, tls: { certificate: "routing.crt", key: "routing.key", clientCa: "ca.crt" } },
      assertion: { keys: "public-keys" },
      serviceTokens: { issuer: "gateway", keys: "service-keys", lifetime: "10s" },
      services: { orders: { discovery: "static", instances: [`http://${host}:${portOf(server)}`] } },
      routes: [{ ...route, identity: { token: { audience: "orders" } } }],
    },
  });
  const clients = [{ id: "app", secretHash, scopes: [] }];
  const security = await startTier(t, securityProcess, {
    folder,
    section: {
      listen: { host, port: 0, tls: { certificate: "server.crt", key: "server.key" } },
      issuers: [{ name: "own", type: "embedded", issuer, audience, keys: "token-keys", lifetime: "4s", clients }],
      assertion: { keys: "assertion-keys" },
      routingTier: {
        discovery: "static",
        instances: [`https://${host}:${routing.port}`],
        tls: { certificate: "client.crt", key: "client.key", ca: "ca.crt" },
      },
    },
  });
  const line: Line = { port: security.port, protocol: "http/1.1", tls: { ca: readFileSync(join(folder, "ca.crt")) } };
  return { folder, routing, line, service };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A client that asks for a token, uses it for half of its life, and asks for the next. */
async function session({ line, tokens }: { line: Line; tokens: Verifier }, told: string[], signal: AbortSignal) {
  const headers = {
    authorization: `Basic ${Buffer.from("app:app-secret").toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const asked = { method: "POST", path: "/oauth/token", headers, body: "grant_type=client_credentials" };
  while (!signal.aborted) {
    const granted = await ask(line, asked);
    const token = String(granted.json?.access_token);
    told.push(`token ${granted.status} ${tokens.accepts(token)}`);
    for (const end = Date.now() + 2000; Date.now() < end && !signal.aborted; await sleep(10)) {
      const { status, json } = await ask(line, { path: "/orders", headers: { authorization: `Bearer ${token}` } });
      told.push(`orders ${status} ${json?.type ?? ""}`);
    }
  }
}

test("all keys are rotated twice while requests go on, and none of them is refused", async (t) => {
  const { folder, routing, line, service } = await start(t);
  const tokens = new Verifier();
  const ending = new AbortController();
  t.after(() => ending.abort());
  const { signal } = ending;
  const told: string[] = [];
  const running = [
    service.follow(async () => (await routing.admin("/service-keys")).json(), signal),
    tokens.follow(async () => (await ask(line, { path: "/.well-known/jwks.json" })).json, signal),
  ];
  await until("keys are known", () => service.isReady && tokens.isReady);
  running.push(...[1, 2].map(() => session({ line, tokens }, told, signal)));

  const rotateAll = (every?: number) =>
    Promise.all(
      Object.entries(directories).map(([name, algorithm]) => {
        const publicDirectory = algorithm === "EdDSA" ? join(folder, "public-keys") : undefined;
        return rotateKeys(join(folder, name), { algorithm, publicDirectory, lead, retireAfter: 6000, every });
      }),
    );
  for (const round of [1, 2]) {
    const made = (await rotateAll()).map((rotation) => rotation.made);
    assert.ok(made.every(Boolean), `round ${round}`);
    const latest = Math.max(...made.map((key) => key?.signsFrom ?? 0));
    await until("the new keys sign", () => Date.now() > latest + 500, { within: 20_000 });
  }
  const left = () => [...Object.keys(directories), "public-keys"].map((name) => readdirSync(join(folder, name)).length);
  await until(
    "the old keys are gone",
    async () => {
      await rotateAll(3_600_000);
      await sleep(200);
      return left().every((count) => count === 1);
    },
    { within: 20_000 },
  );
  await sleep(1500);
  ending.abort();
  await Promise.all(running);
  const counts = Object.entries(Object.groupBy(told, (one) => one)).map(([one, all]) => [one, all!.length] as const);
  assert.deepEqual(counts.map(([one]) => one).toSorted(), ["orders 200 ", "token 200 true"], JSON.stringify(counts));
  assert.deepEqual([tokens.kids.size, service.kids.size], [3, 3]);
  t.diagnostic(JSON.stringify(counts));
});
