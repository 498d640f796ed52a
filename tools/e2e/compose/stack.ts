import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { root } from "../program.ts";

const run = promisify(execFile);
const project = ["compose", "--project-name", "tandem-e2e"];

/** Runs `docker compose` on the stack of this suite, and gives what it says. */
export const compose = async (...args: string[]): Promise<string> =>
  (await run("docker", [...project, ...args], { cwd: root })).stdout.trim();

/** Where the way in is published on this machine. */
export const publicUrl = "https://localhost:8443";

/** The consoles, as this machine sees them. */
export const consoles = {
  jaeger: "http://localhost:16686",
  loki: "http://localhost:3100",
  prometheus: "http://localhost:9090",
};

/** Builds and starts everything; building shows its progress, as it may take minutes on a machine that has never done it. */
export function startStack(): void {
  execFileSync("docker", [...project, "up", "--build", "--detach", "--wait", "--wait-timeout", "300"], {
    cwd: root,
    stdio: "inherit",
  });
}

/** Ends everything, unless `KEEP=1` wants to look at it. */
export async function endStack(): Promise<void> {
  if (process.env["KEEP"] !== "1") await compose("down", "--volumes", "--timeout", "5");
}

/** Starts or ends replicas until there are so many, and waits until they are ready. */
export async function scale(counts: Readonly<Record<string, number>>): Promise<void> {
  const flags = Object.entries(counts).flatMap(([name, count]) => ["--scale", `${name}=${count}`]);
  await compose("up", "--detach", "--no-recreate", "--wait", "--wait-timeout", "120", ...flags);
}

/** The containers of a service. */
export const containersOf = async (service: string): Promise<string[]> =>
  (await compose("ps", "--quiet", service)).split("\n").filter(Boolean);

/** Does something to one container, as `kill` or `start`. */
export const docker = async (...args: string[]): Promise<string> => (await run("docker", args)).stdout.trim();

/** Runs a program of ours inside a container of a service, as somebody on the container network would. */
export const inside = async (service: string, script: string): Promise<string> =>
  compose("exec", "-T", service, "node", "--input-type=module", "-e", script);

const adminPorts = { "security-gateway": 9081, "routing-gateway": 9082 };

/** What every replica of a tier says of its metrics. */
export async function metricsOf(service: keyof typeof adminPorts): Promise<string[]> {
  const read = `console.log(await (await fetch("http://127.0.0.1:${adminPorts[service]}/metrics")).text())`;
  const ids = await containersOf(service);
  return Promise.all(ids.map((id) => docker("exec", id, "node", "--input-type=module", "-e", read)));
}
