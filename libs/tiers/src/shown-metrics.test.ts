// What /metrics shows, what its README tells of, and what alerts and the dashboard go by, are the same.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { signAssertion } from "@tandem/identity/assertion/testing";
import { createKeyFile } from "@tandem/identity/keys/create-key-file";
import { processEnvironment } from "@tandem/platform/config/environment";
import { ask } from "@tandem/platform/testing";
import { routingProcess } from "./routing-process.ts";
import { securityProcess } from "./security-process.ts";
import { keyIn, keysFolder, startTier } from "./testing.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const prometheus = join(root, "deploy/prometheus");

const ending = { after };
const folder = await keysFolder(ending);
await createKeyFile(join(folder, "service-keys"), { algorithm: "ES256" });
const listen = { host: "127.0.0.1", port: 0 };
const nobody = { discovery: "static", instances: ["http://127.0.0.1:1"] };
const routing = await startTier(ending, routingProcess, {
  folder,
  section: {
    listen,
    assertion: { keys: "public-keys" },
    serviceTokens: { keys: "service-keys", issuer: "gateway" },
    services: { one: { ...nobody, retry: { attempts: 2 }, limit: { requests: 9 } }, two: nobody },
    routes: [
      { name: "one", match: { path: "/**" }, allow: "anyone", service: "one", mirror: { service: "two" } },
      {
        name: "told",
        match: { path: "/told" },
        allow: "anyone",
        service: "one",
        identity: { token: { audience: "one" } },
      },
    ],
  },
});
const tls = { certificate: "server.crt", key: "server.key", clientCa: "ca.crt" };
const security = await startTier(ending, securityProcess, {
  folder,
  section: {
    listen: { ...listen, tls },
    assertion: { keys: "assertion-keys" },
    routingTier: { discovery: "static", instances: [`http://127.0.0.1:${routing.port}`] },
  },
});
const assertion = signAssertion(keyIn(join(folder, "assertion-keys"), "EdDSA"), Math.floor(Date.now() / 1000));
await ask(routing.port, "/any", { headers: { "tandem-assertion": assertion } });
const texts = await Promise.all([routing, security].map(async (tier) => (await tier.admin("/metrics")).text()));

const named = (text: string): Set<string> =>
  new Set(text.match(/\b(?:tandem|nodejs|process)_[a-z0-9_]*[a-z0-9]\b|\btarget_info\b/g));
const shown = new Set(texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!)));
const table = named(read("libs/observe/src/metrics/README.md"));
/** Of a histogram, its parts. */
const whole = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, "");

test("every metric that a tier shows is in the README, and has its help, its type and a conventional name", () => {
  assert.ok(shown.size > 50, `${shown.size}`);
  for (const name of shown) assert.ok(table.has(name), `${name} is not in the README of metrics`);
  for (const text of texts) {
    const helped = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
    const typed = [...text.matchAll(/^# TYPE (\S+) (counter|gauge|histogram)$/gm)].map(([, name]) => name);
    assert.deepEqual(helped, typed);
    assert.equal(new Set(typed).size, typed.length, "each once");
    for (const [, name, kind] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
      assert.equal(name!.endsWith("_total"), kind === "counter", name);
  }
});

/** In the README, and there only where something is configured or has happened that is not so here. */
const elsewhere = new Set([
  "tandem_api_key_use_failures_total",
  "tandem_handshake_failures_total",
  "tandem_store_up",
  "tandem_store_commands_total",
  "tandem_store_command_seconds",
]);

test("every metric of the README is shown by a tier, or is known to need more than is here", () => {
  const missing = [...table].filter((name) => !shown.has(name) && !elsewhere.has(name));
  assert.deepEqual(missing, []);
});

for (const file of ["prometheus/alerts.yml", "prometheus/alerts.test.yml", "grafana/tandem.json"])
  test(`every metric that ${file} names exists`, () => {
    const names = [...named(read(`deploy/${file}`))].map(whole);
    assert.ok(names.length > 15, `${names.length}`);
    for (const name of names) assert.ok(shown.has(name) || elsewhere.has(name), `no tier has ${name}`);
  });

const promtool = (args: readonly string[], input?: string) =>
  spawnSync("promtool", args, { cwd: prometheus, encoding: "utf8", ...(input !== undefined && { input }) });

/** Why Prometheus's own tool cannot be asked here; where CI is set, its absence is a failure instead. */
function withoutPromtool(): string | false {
  if (promtool(["--version"]).status === 0) return false;
  if (processEnvironment()["CI"] !== undefined) throw new Error("promtool is not installed, and CI is set");
  return "promtool is not installed: NEITHER ALERTS NOR METRICS ARE CHECKED BY PROMETHEUS ITSELF";
}

test("Prometheus finds nothing to blame in configuration, alerts and metrics", { skip: withoutPromtool() }, () => {
  for (const [args, input] of [
    [["check", "config", "prometheus.yml"]],
    [["test", "rules", "alerts.test.yml"]],
    ...texts.map((text) => [["check", "metrics"], text] as const),
  ] as const) {
    const { status, stdout, stderr } = promtool(args, input);
    assert.equal(status, 0, `promtool ${args.join(" ")}: ${stdout}${stderr}`);
  }
});
