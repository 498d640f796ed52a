import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { tandemYaml, type TandemOptions } from "./tandem-yaml.ts";

/** Two processes behind one address, ready to be loaded. */
export interface Contestant {
  readonly name: string;
  readonly url: string;
  readonly pids: readonly number[];
}

/** Milliseconds that a program may take to end. */
const patience = 5_000;

/** Milliseconds that a program may take to answer; ten thousand routes take their time to be checked. */
const startWithin = 60_000;

const root = resolve(import.meta.dirname, "../..");
const unseenTier = join(import.meta.dirname, "unseen-tier.ts");
const trusting = new Agent({ connect: { rejectUnauthorized: false } });

/** Everything that a comparison runs on: processes, pinned, and a folder of keys and logs, gone after `close`. */
export class Arena {
  readonly folder = mkdtempSync(join(tmpdir(), "tandem-bench-"));
  readonly #children: ChildProcess[] = [];
  readonly #gatewayCore: number;

  constructor(gatewayCore: number) {
    this.#gatewayCore = gatewayCore;
  }

  /** Starts a program on a core; its output goes to a file, as a log would. */
  start(name: string, core: number, args: readonly string[]): number {
    const output = openSync(join(this.folder, `${name}.log`), "a");
    const child = spawn("taskset", ["-c", String(core), process.execPath, ...args], {
      cwd: root,
      stdio: ["ignore", output, output],
    });
    this.#children.push(child);
    if (!child.pid) throw new Error(`${name} did not start`);
    return child.pid;
  }

  /** Two raw proxies: TLS in front, nothing else. */
  async raw(name: string, port: number, backend: number): Promise<Contestant> {
    const program = join(import.meta.dirname, "raw-proxy.ts");
    const [certificate, key] = ["security/server.crt", "security/server.key"].map((file) => join(this.folder, file));
    const front = [program, String(port), `http://127.0.0.1:${port + 1}`, certificate!, key!];
    const pids = [
      this.start(`${name}-front`, this.#gatewayCore, front),
      this.start(`${name}-back`, this.#gatewayCore, [program, String(port + 1), `http://127.0.0.1:${backend}`]),
    ];
    const contestant = { name, url: `https://127.0.0.1:${port}/orders`, pids };
    await answers(contestant.url);
    return contestant;
  }

  /** Both tiers with every feature on: tokens, policy, balancing, logs, metrics, traces; or all but what makes them seen. */
  async tandem(name: string, options: TandemOptions): Promise<Contestant> {
    const file = join(this.folder, `${name}.yaml`);
    writeFileSync(file, tandemYaml(options));
    const pids = ["routing", "security"].map((tier) => {
      const program = options.log === "unseen" ? [unseenTier, tier] : [`apps/${tier}-gateway/src/main.ts`, "--config"];
      return this.start(`${name}-${tier}`, this.#gatewayCore, [...program, file]);
    });
    const origin = `https://127.0.0.1:${options.port}`;
    await answers(`${origin}/open`);
    return { name, url: `${origin}/orders`, pids };
  }

  /** Ends what was started, by pid, and removes the folder. */
  async close(): Promise<void> {
    const running = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ended = Promise.all(running.map((child) => once(child, "exit")));
    for (const child of running) child.kill("SIGTERM");
    await Promise.race([ended, sleep(patience, undefined, { ref: false })]);
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Distinct access tokens, issued by the gateway itself. */
export async function issueTokens(port: number, count: number): Promise<string[]> {
  const tokens: string[] = [];
  for (let index = 0; index < count; index++) {
    const { statusCode, body } = await request(`https://127.0.0.1:${port}/oauth/token`, {
      method: "POST",
      dispatcher: trusting,
      headers: {
        authorization: `Basic ${Buffer.from("bench:bench-secret").toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
    if (statusCode !== 200) throw new Error(`no token: ${statusCode} ${await body.text()}`);
    tokens.push(((await body.json()) as { access_token: string }).access_token);
  }
  return tokens;
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + startWithin;
  for (;;) {
    const status = await request(url, { dispatcher: trusting }).then(
      async ({ statusCode, body }) => (await body.dump(), statusCode),
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline)
      throw new Error(`${url} did not answer 200 within ${startWithin / 1000} s, but ${status}`);
    await sleep(100);
  }
}
