import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { freePort } from "../free-ports.testing.ts";
import { processEnvironment } from "../config/environment.ts";

/** A Redis of one's own, that can be frozen, killed and started again. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** Why there can be no real Redis here, for `test(…, { skip })`; where CI is set, its absence is a failure instead. */
export function withoutRedis(): string | false {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return false;
  } catch {
    if (processEnvironment()["CI"] === undefined) return "redis-server is not installed: THE REDIS STORE IS NOT TESTED";
    throw new Error("redis-server is not installed, and CI is set");
  }
}

/** Starts a real Redis on a free port, until the test ends. */
export async function startRedis(t: TestContext, extra: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", ...extra];
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const started = spawn("redis-server", settings, { stdio: ["ignore", "pipe", "inherit"] });
      child = started;
      let output = "";
      started.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
      while (!output.includes("Ready to accept connections")) {
        await Promise.race([once(started.stdout, "data"), once(started, "exit")]);
        if (started.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
      }
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
  };
  t.after(() => server.kill());
  await server.start();
  return server;
}
