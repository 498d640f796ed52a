import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryOf } from "../bench/process-account.ts";
import { ask } from "./http.ts";
import { ours, root, type Program } from "./program.ts";
import { until } from "./until.ts";

/** Out of the way of every other suite. */
const ports = { public: 28_443, routing: 28_081, securityAdmin: 29_081, routingAdmin: 29_082 };
const instancePorts = { one: 28_101, two: 28_102 };

export type InstanceName = keyof typeof instancePorts;

export const gatewayUrl = `https://127.0.0.1:${ports.public}`;

/** Both tiers in front of two instances that can be killed, frozen, slowed down and made to fail. */
export class FaultySetup {
  readonly #folder = mkdtempSync(join(tmpdir(), "tandem-faults-"));
  readonly #gateways: Program[] = [];
  readonly #instances = new Map<InstanceName, Program>();
  readonly #watched: string;

  /** `watched` says in YAML where logs and traces go. Default: nowhere but to stdout. */
  constructor({ watched = "log: { format: json }\n" } = {}) {
    this.#watched = watched;
  }

  async open(): Promise<void> {
    execFileSync(process.execPath, ["apps/cli/src/main.ts", "keys", "init", "--out", this.#folder], {
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const file = join(this.#folder, "tandem.yaml");
    writeFileSync(file, configuration + this.#watched);
    await Promise.all([this.start("one"), this.start("two")]);
    for (const tier of ["routing", "security"])
      this.#gateways.push(ours(`apps/${tier}-gateway/src/main.ts`, ["--config", file], tier));
    await until("both tiers answer", async () => (await ask(`${gatewayUrl}/pair/x`)).status === 200, {
      within: 30_000,
    });
  }

  async start(name: InstanceName): Promise<void> {
    const instance = ours("tools/e2e/faulty-service.ts", [String(instancePorts[name]), name], name);
    this.#instances.set(name, instance);
    await instance.says("listens");
  }

  async kill(name: InstanceName): Promise<void> {
    await this.#instances.get(name)!.end("SIGKILL");
  }

  freeze(name: InstanceName): void {
    this.#instances.get(name)!.child.kill("SIGSTOP");
  }

  thaw(name: InstanceName): void {
    this.#instances.get(name)!.child.kill("SIGCONT");
  }

  /** Makes an instance answer late, or with another status, from now on. */
  async temper(name: InstanceName, { slowness = 0, status = 200 } = {}): Promise<void> {
    await ask(`http://127.0.0.1:${instancePorts[name]}/temper?slowness=${slowness}&status=${status}`);
  }

  /** How many requests of a method an instance has seen since it was started. */
  async seen(name: InstanceName, method = "GET"): Promise<number> {
    return (await ask(`http://127.0.0.1:${instancePorts[name]}/seen`)).json[method] ?? 0;
  }

  /** What the routing tier says of the pool of a service. */
  async pool(service: string): Promise<any> {
    const token = readFileSync(join(this.#folder, "routing/admin-token"), "utf8").trim();
    const headers = { authorization: `Bearer ${token}` };
    const { json } = await ask(`http://127.0.0.1:${ports.routingAdmin}/pools`, { headers });
    return json.find(({ name }: { name: string }) => name === service);
  }

  /** What a metric has come to in each tier; labels, if only one of its series is meant, as `sink="otlp"`. */
  async figures(name: string, label = ""): Promise<readonly number[]> {
    const pages = await Promise.all([ports.securityAdmin, ports.routingAdmin].map(metricsAt));
    return pages.map((page) => {
      const lines = page.split("\n").filter((line) => line.startsWith(`${name}{`) && line.includes(label));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    });
  }

  /** Resident memory of both tiers together, in MiB. */
  get memory(): number {
    return this.#gateways.reduce((sum, { child }) => sum + memoryOf(child.pid!), 0);
  }

  async close(): Promise<void> {
    for (const name of this.#instances.keys()) this.thaw(name);
    await Promise.all([...this.#gateways, ...this.#instances.values()].map((program) => program.end()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const metricsAt = async (port: number): Promise<string> => (await ask(`http://127.0.0.1:${port}/metrics`)).text;

const both = Object.values(instancePorts)
  .map((port) => `"http://127.0.0.1:${port}"`)
  .join(", ");

const configuration = `
security:
  listen: { host: 127.0.0.1, port: ${ports.public}, tls: { certificate: security/server.crt, key: security/server.key } }
  admin: { port: ${ports.securityAdmin} }
  issuers: []
  assertion: { keys: security/assertion-keys }
  routingTier: { discovery: static, instances: ["http://127.0.0.1:${ports.routing}"] }
routing:
  listen: { host: 127.0.0.1, port: ${ports.routing} }
  admin: { port: ${ports.routingAdmin}, token: "\${file:routing/admin-token}" }
  assertion: { keys: public/assertion-keys }
  services:
    # as a service is without any further word
    pair: { discovery: static, instances: [${both}], timeout: 5s }
    patient:
      discovery: static
      instances: [${both}]
      timeout: 500ms
      retry: { on: [connect, reset, timeout, 503] }
      health: { outlier: { failures: 3, base: 1s } }
    quick: { discovery: static, instances: [${both}], balance: peak-ewma }
    poor:
      discovery: static
      instances: [${both}]
      retry: { attempts: 3, on: [503], backOff: { first: 0ms, most: 0ms }, budget: { ratio: 0.1, min: 0 } }
      health: { outlier: false }
    rested:
      discovery: static
      instances: [${both}]
      retry: { attempts: 1 }
      breaker: { minRequests: 10, rest: 1s }
      health: { outlier: false }
  routes:
    - { name: pair, match: { path: "/pair/**" }, allow: anyone, service: pair }
    - { name: patient, match: { path: "/patient/**" }, allow: anyone, service: patient }
    - { name: quick, match: { path: "/quick/**" }, allow: anyone, service: quick }
    - { name: poor, match: { path: "/poor/**" }, allow: anyone, service: poor }
    - { name: rested, match: { path: "/rested/**" }, allow: anyone, service: rested }
`;
