import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CutLine } from "./cut-line.ts";
import { ask } from "./http.ts";
import { ours, Program, root } from "./program.ts";
import { until } from "./until.ts";

/** Where everything of this suite listens; out of the way of `npm start`. */
export const ports = {
  public: 18_443,
  securityAdmin: 19_081,
  routing: [18_081, 18_082],
  routingAdmin: [19_082, 19_083],
  consul: 18_500,
  consulLine: 18_501,
  redis: 16_379,
  collector: 14_318,
} as const;

export const publicUrl = `https://127.0.0.1:${ports.public}`;
export const consulUrl = `http://127.0.0.1:${ports.consul}`;

/** Both tiers on a real Consul and a real Redis, with mutual TLS between them: a scaled deployment on one machine. */
export class Setup {
  readonly folder = mkdtempSync(join(tmpdir(), "tandem-e2e-"));
  /** Between the gateways and Consul; the services have one of their own. */
  readonly line = new CutLine(ports.consul);
  readonly #programs: Program[] = [];

  /** Starts a program that `close` will end. */
  run(program: Program): Program {
    this.#programs.push(program);
    return program;
  }

  startConsul(): Program {
    const off = ["-dns-port=-1", "-grpc-port=-1", "-serf-lan-port=18301", "-serf-wan-port=-1", "-server-port=18300"];
    const where = ["-bind=127.0.0.1", "-client=127.0.0.1", `-http-port=${ports.consul}`];
    return this.run(new Program("consul", ["agent", "-dev", "-log-level=warn", ...where, ...off]));
  }

  startRedis(): Program {
    const bare = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
    return this.run(new Program("redis-server", ["--port", String(ports.redis), ...bare]));
  }

  startDemo(service: string, port: number, register = true): Program {
    const args = ["--service", service, "--port", String(port), "--instance", `${service}-${port}`];
    const told = ["--otlp", `http://127.0.0.1:${ports.collector}`];
    if (register) told.push("--register", consulUrl, "--address", "127.0.0.1");
    return this.run(ours("apps/demo/src/main.ts", [...args, ...told], `${service}-${port}`));
  }

  /** The routing gateway of that number; each has a file of its own, for its ports. */
  startRouting(number: 0 | 1): Program {
    return this.run(ours("apps/routing-gateway/src/main.ts", ["--config", this.write(number)], `routing-${number}`));
  }

  startSecurity(): Program {
    return this.run(ours("apps/security-gateway/src/main.ts", ["--config", this.write(0)], "security"));
  }

  makeKeys(): void {
    execFileSync(process.execPath, ["apps/cli/src/main.ts", "keys", "init", "--out", this.folder], {
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.end()));
    this.line.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(number: 0 | 1): string {
    const file = join(this.folder, `tandem-${number}.yaml`);
    writeFileSync(file, configuration(number));
    return file;
  }
}

/** Waits until an admin plane says that its tier is ready. */
export const ready = (adminPort: number): Promise<number> =>
  until(`${adminPort} is ready`, async () => (await ask(`http://127.0.0.1:${adminPort}/readyz`)).status === 200, {
    within: 20_000,
  });

/** Waits until Consul itself answers and has a leader. */
export const consulLeads = (): Promise<number> =>
  until("Consul leads", async () => /\d/.test((await ask(`${consulUrl}/v1/status/leader`)).text), { within: 20_000 });

/** Waits until Consul knows so many healthy instances. */
export const consulKnows = (service: string, count: number, within = 20_000): Promise<number> =>
  until(
    `Consul knows ${count} healthy ${service}`,
    async () => (await ask(`${consulUrl}/v1/health/service/${service}?passing`)).json.length === count,
    { within },
  );

const configuration = (number: 0 | 1) => `
security:
  listen: { host: 127.0.0.1, port: ${ports.public}, tls: { certificate: security/server.crt, key: security/server.key } }
  admin: { port: ${ports.securityAdmin}, token: "\${file:security/admin-token}" }
  issuers:
    - name: local
      type: embedded
      issuer: https://localhost:${ports.public}
      audience: demo
      keys: security/token-keys
      clients:
        - id: demo-app
          secretHash: "sha256:cd577fe2561ebff23505db0bb006300c7cdecbd46bc0e03c449afafaca2c25bf"
          scopes: [orders:read, orders:write]
        - id: demo-viewer
          secretHash: "sha256:f6aa3a0aabbb721b4aa7763a987a47688a702b1bcf4850cb4ba5bdab26f9cc4b"
          scopes: [orders:read]
  assertion: { keys: security/assertion-keys }
  store: { type: redis, url: "redis://127.0.0.1:${ports.redis}" }
  routingTier:
    discovery: consul
    service: routing-gateway
    tls: { certificate: security/client.crt, key: security/client.key, ca: public/ca.crt }
routing:
  listen:
    host: 127.0.0.1
    port: ${ports.routing[number]}
    tls: { certificate: routing/server.crt, key: routing/server.key, clientCa: public/ca.crt }
  admin: { port: ${ports.routingAdmin[number]}, token: "\${file:routing/admin-token}" }
  assertion: { keys: public/assertion-keys }
  register: { service: routing-gateway, address: 127.0.0.1 }
  services:
    catalog: { discovery: consul }
    orders: { discovery: consul, timeout: 2s }
    echo: { discovery: consul, timeout: 1s }
  routes:
    - { name: catalog, match: { path: "/catalog/**", methods: [GET] }, allow: anyone, service: catalog }
    - { name: orders-read, match: { path: "/orders/**", methods: [GET] }, allow: { scopes: [orders:read] }, service: orders }
    - { name: orders-write, match: { path: "/orders/**", methods: [POST] }, allow: { scopes: [orders:write] }, service: orders }
    - {
        name: echo,
        match: { path: "/echo/**" },
        allow: anyone,
        identity: { headers: { x-user: subject, x-scopes: scopes } },
        service: echo,
      }
consul: { address: "http://127.0.0.1:${ports.consulLine}", wait: 5s }
snapshots: { directory: snapshots-${number} }
traces: { otlp: "http://127.0.0.1:${ports.collector}", sample: 1 }
log: { format: json }
`;
