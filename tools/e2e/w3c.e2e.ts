// The public validation of the W3C for Trace Context, level 2, against each tier alone and both together:
// `npm run e2e -- --only w3c --harness <a checkout of github.com/w3c/trace-context>`; needs Python with aiohttp.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { ready } from "./consul-setup.ts";
import { ask } from "./http.ts";
import { ours, Program, root } from "./program.ts";
import { CallingService, startFront } from "./w3c-service.ts";

const harness = process.env["W3C_HARNESS"];
const python = process.env["W3C_PYTHON"] ?? "python3";
const ports = {
  /** In front of a security tier that asks the service itself, of the routing tier, and of both. */
  security: { public: 18_601, admin: 18_611 },
  both: { public: 18_602, admin: 18_612 },
  routing: { public: 18_603, admin: 18_613 },
  front: 18_604,
  service: 18_605,
};
const spoken = "SPEC_LEVEL=2 STRICT_LEVEL=2";

describe(`the W3C's harness at ${spoken}`, { skip: harness === undefined && "no --harness was given" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-w3c-"));
  const programs: Program[] = [];
  let service: CallingService;
  let front: Server;

  before(async () => {
    execFileSync(process.execPath, ["apps/cli/src/main.ts", "keys", "init", "--out", folder], { cwd: root });
    service = new CallingService(ports.service);
    front = startFront({ port: ports.front, to: ports.routing.public, vouch });
    programs.push(
      start("security", "security", securityTo(ports.security, ports.service)),
      start("security", "both", securityTo(ports.both, ports.routing.public)),
      start("routing", "routing", routing),
    );
    for (const program of programs) await program.says('"listening"', 60_000);
    for (const { admin } of [ports.security, ports.both, ports.routing]) await ready(admin);
  });
  after(async () => {
    await Promise.all(programs.map((program) => program.end()));
    service?.close();
    front?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (tier: string, name: string, text: string): Program => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, text);
    return ours(`apps/${tier}-gateway/src/main.ts`, ["--config", file], name);
  };

  /** The words of the security tier that asks the service itself: nobody else can sign them. */
  const vouch = async (): Promise<readonly string[]> => {
    await ask(`http://127.0.0.1:${ports.security.public}/`);
    return service.vouched;
  };

  const subjects = [
    { name: "the security tier alone", port: ports.security.public },
    { name: "the routing tier alone", port: ports.front },
    { name: "both tiers, one behind the other", port: ports.both.public },
  ];
  for (const { name, port } of subjects)
    test(name, async (t) => {
      const env = { SPEC_LEVEL: "2", STRICT_LEVEL: "2" };
      const run = new Program(python, ["test.py", `http://127.0.0.1:${port}/test`], {
        name: "test.py",
        cwd: join(resolve(root, harness!), "test"),
        env,
      });
      const code = await run.exit();
      t.diagnostic(run.output);
      assert.equal(code, 0, run.output);
      assert.match(run.output, /^Ran 41 tests/m);
      assert.match(run.output, /^OK$/m);
    });
});

const securityTo = ({ public: port, admin }: { public: number; admin: number }, next: number) => `
security:
  listen: { host: 127.0.0.1, port: ${port} }
  admin: { port: ${admin}, token: "\${file:security/admin-token}" }
  traceContext: { trust: ignore, networks: [{ from: [127.0.0.0/8], trust: continue }] }
  assertion: { keys: security/assertion-keys }
  routingTier: { discovery: static, instances: ["http://127.0.0.1:${next}"] }
`;

const routing = `
routing:
  listen: { port: ${ports.routing.public} }
  admin: { port: ${ports.routing.admin}, token: "\${file:security/admin-token}" }
  assertion: { keys: public/assertion-keys }
  services:
    harness: { discovery: static, instances: ["http://127.0.0.1:${ports.service}"] }
  routes:
    - { name: all, match: { path: /** }, allow: anyone, service: harness }
`;
