import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { freePorts } from "@tandem/platform/free-ports.testing";
import { until } from "@tandem/platform/testing";

/** A real Consul agent on ports of its own, in development mode: it keeps nothing, so every start is an empty one. */
export interface ConsulAgent {
  readonly address: string;
  /** Where it answers DNS questions: SRV, A and TXT of `<service>.service.consul`. */
  readonly dns: { readonly address: string; readonly port: number };
  /** Where other datacenters join it. */
  readonly wan: string;
  /** As kill -9 does it. */
  kill(): Promise<void>;
  /** On the same ports, and empty. */
  start(): Promise<void>;
  /** Hangs the agent, connections and all; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Registers an instance with a check that somebody has to report to; it begins as `status` says. */
  register(instance: TestInstance): Promise<void>;
  /** Reports to the check of an instance. */
  report(id: string, health: "pass" | "fail"): Promise<void>;
  deregister(id: string): Promise<void>;
  /** Makes all instances of its node critical at one stroke, or ends that. */
  maintenance(on: boolean): Promise<void>;
  /** The registrations that the agent has. */
  services(): Promise<Record<string, AgentService>>;
}

interface TestInstance {
  readonly name: string;
  readonly id: string;
  readonly port: number;
  readonly address?: string;
  readonly tags?: readonly string[];
  readonly meta?: Record<string, string>;
  readonly weight?: number;
  readonly status?: "passing" | "critical";
}

export interface AgentService {
  readonly Service: string;
  readonly Address: string;
  readonly Port: number;
  readonly Meta: Record<string, string>;
}

interface AgentOptions {
  readonly datacenter?: string;
  /** An agent of another datacenter. */
  readonly joins?: ConsulAgent;
  /** More of its own configuration, in its own language. */
  readonly hcl?: string;
  /** With which the test itself asks. */
  readonly token?: string;
}

/**
 * Starts an agent for one test. Where no consul can be run the test is skipped, aloud; in CI it fails instead.
 * Gives undefined for a skipped test.
 */
export async function consulAgent(t: TestContext, options: AgentOptions = {}): Promise<ConsulAgent | undefined> {
  if (spawnSync("consul", ["version"]).status !== 0) {
    if (process.env["CI"]) throw new Error("these tests need a consul binary on the PATH");
    t.skip("NO CONSUL on the PATH: nothing was tested here");
    return undefined;
  }
  const headers: Record<string, string> = options.token === undefined ? {} : { "x-consul-token": options.token };
  const { ports, address, ...first } = await launchAnywhere(t, options, headers);
  let { child } = first;
  const call = async (path: string, body?: object): Promise<unknown> => {
    const method = path.startsWith("GET ") ? "GET" : "PUT";
    const url = `${address}/v1/agent/${path.replace("GET ", "")}`;
    const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const agent: ConsulAgent = {
    address,
    dns: { address: "127.0.0.1", port: ports[4] ?? 0 },
    wan: `127.0.0.1:${ports[3]}`,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async start() {
      child = launch(t, ports, options);
      assert.ok(await isLeading(child, { address, headers }), "the Consul agent ended, which led before");
    },
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async register({ name, id, port, address: host = "127.0.0.1", tags = [], meta = {}, weight, status = "passing" }) {
      const Check = { TTL: "1h", Status: status };
      const Weights = weight === undefined ? {} : { Weights: { Passing: weight, Warning: 1 } };
      const said = { Name: name, ID: id, Address: host, Port: port, Tags: tags, Meta: meta, Check, ...Weights };
      await call("service/register", said);
    },
    report: async (id, health) => void (await call(`check/${health}/service:${id}`)),
    deregister: async (id) => void (await call(`service/deregister/${id}`)),
    maintenance: async (on) => void (await call(`maintenance?enable=${on}`)),
    services: async () => (await call("GET services")) as Record<string, AgentService>,
  };
  t.after(() => agent.kill());
  return agent;
}

/** On ports that were free a moment ago; where another process was quicker, on others. */
async function launchAnywhere(t: TestContext, options: AgentOptions, headers: Record<string, string>) {
  for (let tries = 1; ; tries++) {
    const ports = await freePorts(5);
    const address = `http://127.0.0.1:${ports[0]}`;
    const child = launch(t, ports, options);
    if (await isLeading(child, { address, headers })) return { child, ports, address };
    if (tries === 5) throw new Error("the Consul agent ends each time that it is started");
  }
}

function launch(
  t: TestContext,
  [http, server, lan, wan, dns]: number[],
  { datacenter = "dc1", joins, hcl }: AgentOptions,
): ChildProcess {
  const args = ["agent", "-dev", "-bind", "127.0.0.1", "-log-level", "err", "-grpc-port", "-1"];
  args.push("-datacenter", datacenter, "-node", `node-${datacenter}`);
  const ports = {
    "-http-port": http,
    "-server-port": server,
    "-serf-lan-port": lan,
    "-serf-wan-port": wan,
    "-dns-port": dns,
  };
  for (const [flag, port] of Object.entries(ports)) args.push(flag, String(port));
  if (joins) args.push("-retry-join-wan", joins.wan);
  if (hcl !== undefined) args.push("-hcl", hcl);
  const child = spawn("consul", args, { stdio: "ignore" });
  t.after(() => void child.kill("SIGKILL"));
  return child;
}

/** Waits until it leads; one that cannot have its ports ends instead. */
async function isLeading(
  child: ChildProcess,
  { address, headers }: { readonly address: string; readonly headers: Record<string, string> },
): Promise<boolean> {
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const leads = async (): Promise<boolean> => {
    try {
      // The agent's own node stands in the catalog once there is a leader and the first sync is done.
      const nodes: unknown = await (await fetch(`${address}/v1/catalog/nodes`, { headers })).json();
      return Array.isArray(nodes) && nodes.length > 0;
    } catch {
      return false; // not listening yet
    }
  };
  await until("the Consul agent leads", async () => isGone() || (await leads()), { within: 60_000 });
  return !isGone();
}
