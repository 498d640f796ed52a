import assert from "node:assert/strict";
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createKeyFile } from "@tandem/identity/keys/create-key-file";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { until } from "@tandem/platform/testing";
import { routingRotations, securityRotations } from "./key-rotations.ts";
import { loadRouting, loadSecurity } from "./load.ts";
import { routingProcess } from "./routing-process.ts";
import { securityProcess } from "./security-process.ts";
import { keysFolder, startTier } from "./testing.ts";

const day = 86_400_000;
const issuer = { name: "own", type: "embedded", issuer: "https://localhost:8443", audience: "a", keys: "token-keys" };
const nowhere = { discovery: "static", instances: ["http://127.0.0.1:1"] };
const routes = [
  { name: "a", match: { path: "/a" }, allow: "anyone", service: "a", identity: { token: { audience: "a" } } },
];

/** Sections of both tiers, in a folder with keys that are a month old. */
async function world(t: TestContext, { every = "30d" } = {}) {
  const folder = await keysFolder(t);
  const publicDirectory = join(folder, "public-keys");
  for (const name of ["token-keys", "assertion-keys", "public-keys"]) {
    rmSync(join(folder, name), { recursive: true });
  }
  const now = Date.now() - 30 * day;
  await createKeyFile(join(folder, "token-keys"), { algorithm: "RS256", now });
  await createKeyFile(join(folder, "assertion-keys"), { algorithm: "EdDSA", publicDirectory, now });
  await createKeyFile(join(folder, "service-keys"), { algorithm: "ES256", now });
  const security = {
    listen: { host: "127.0.0.1", port: 0 },
    issuers: [{ ...issuer, rotateEvery: every }],
    assertion: { keys: "assertion-keys", publish: "public-keys", rotateEvery: every, retireAfter: "2m" },
    routingTier: nowhere,
  };
  const routing = {
    listen: { host: "127.0.0.1", port: 0 },
    assertion: { keys: "public-keys" },
    serviceTokens: { issuer: "gateway", keys: "service-keys", rotateEvery: every },
    services: { a: nowhere },
    routes,
  };
  const file = join(folder, "tandem.yaml");
  writeFileSync(file, JSON.stringify({ security, routing }));
  const count = (name: string) => readdirSync(join(folder, name)).filter((one) => one.endsWith(".json")).length;
  return { folder, file, security, routing, count };
}

test("each directory has the times of what is signed with it", async (t) => {
  const { file, folder } = await world(t);
  const [security, routing] = [loadSecurity(file), loadRouting(file)];
  assert.ok(security.ok && routing.ok);
  const found = [...securityRotations(security.value.security), ...routingRotations(routing.value.routing)];
  const at = (name: string) => join(folder, name);
  assert.deepEqual(
    found.map(({ directory, publicDirectory, algorithm, lead, retireAfter, every }) => [
      [directory, publicDirectory, algorithm],
      [lead / 1000, retireAfter / 1000, every],
    ]),
    [
      [
        [at("token-keys"), undefined, "RS256"],
        [65, 960, 30 * day],
      ],
      [
        [at("assertion-keys"), at("public-keys"), "EdDSA"],
        [5, 120, 30 * day],
      ],
      [
        [at("service-keys"), undefined, "ES256"],
        [65, 420, 30 * day],
      ],
    ],
  );
});

test("both tiers rotate what is due, soon after they start", async (t) => {
  const { folder, security, routing, count } = await world(t);
  const running = await startTier(t, securityProcess, { folder, section: security });
  await startTier(t, securityProcess, { folder, section: security });
  await startTier(t, routingProcess, { folder, section: routing });
  const directories = ["token-keys", "assertion-keys", "public-keys", "service-keys"];
  await until("each has its next key", () => directories.every((name) => count(name) === 2), { within: 25_000 });
  const lines = running.lines.filter(({ message }) => /next key|rotated/.test(message));
  assert.ok(lines.every(({ message }) => message === "made the next key"));
});

test("without a schedule nobody looks for old keys, nor whether a directory may be written", async (t) => {
  const { file } = await world(t);
  const bare = {
    security: {
      issuers: [issuer],
      assertion: { keys: "assertion-keys" },
      routingTier: nowhere,
      listen: { host: "127.0.0.1" },
    },
  };
  writeFileSync(file, JSON.stringify(bare));
  const loaded = loadSecurity(file);
  assert.ok(loaded.ok);
  assert.deepEqual(
    securityRotations(loaded.value.security).map(({ every }) => every),
    [undefined, undefined],
  );
});

test("a schedule for keys that nobody would find does not start, and the setting is named", async (t) => {
  const { file, folder } = await world(t);
  const told = () => {
    const loaded = loadSecurity(file);
    return loaded.ok ? [] : loaded.diagnostics.map((one) => formatDiagnostic(one).replace(/[\w-]{43}/g, "KID"));
  };
  assert.deepEqual(told(), []);
  renameSync(join(folder, "public-keys"), join(folder, "elsewhere"));
  assert.match(told().join(), /^\S+ {2}security\.assertion\.publish: \S+public-keys does not exist$/);
  await createKeyFile(join(folder, "away"), { algorithm: "EdDSA", publicDirectory: join(folder, "public-keys") });
  assert.match(
    told().join(),
    /security\.assertion\.publish: \S+public-keys does not hold the public half of KID, which signs now$/,
  );
});
