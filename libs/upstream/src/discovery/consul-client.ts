import { EventEmitter } from "node:events";
import { Agent as PlainAgent, type IncomingHttpHeaders } from "node:http";
import { Agent as SecureAgent } from "node:https";
import type { Secret } from "@tandem/platform/config/secret";
import Consul from "consul";
import type { ClientTls } from "../connections/client-tls.ts";
import { boundAnswers } from "./bound-answers.ts";

/** The few things this house asks of a Consul agent, each with an end. */
export interface ConsulClient {
  readonly address: string;
  /** Asks who serves; with the index of the answer before, it waits for another one. */
  health(service: string, query: BlockingQuery): Promise<HealthAnswer>;
  register(service: ServiceRegistration): Promise<void>;
  /** Tells that a registered instance is well. */
  pass(id: string): Promise<void>;
  deregister(id: string): Promise<void>;
  close(): void;
}

export interface BlockingQuery {
  /** Default: the agent's own. */
  readonly datacenter?: string | undefined;
  readonly index: number;
  /** Milliseconds that Consul may sit on the question. */
  readonly wait: number;
  readonly signal: AbortSignal;
}

export interface HealthAnswer {
  readonly index: number;
  readonly entries: readonly unknown[];
}

export interface ServiceRegistration {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly meta: Readonly<Record<string, string>>;
  /** Milliseconds; the times that Consul itself may go without hearing from the instance, and before it forgets one. */
  readonly ttl: number;
  readonly forgetAfter: number;
}

interface ClientOptions {
  readonly token?: Secret | undefined;
  /** How an agent at an `https:` address is trusted, and what we show it. Default: as the system does, and nothing. */
  readonly tls?: ClientTls | undefined;
  /** Milliseconds for an answer that needs no waiting. */
  readonly patience?: number;
}

/** Bytes. A hundred thousand instances fit; the client keeps what it is sent until it ends, and an answer need not end. */
const longestAnswer = 64 * 1024 * 1024;

/** The client of one agent, over connections that are kept; nothing is sent before it is asked for something. */
export function createConsulClient(
  address: string,
  { token, tls, patience = 2_000 }: ClientOptions = {},
): ConsulClient {
  const { hostname, port, protocol } = new URL(address);
  const secure = protocol === "https:";
  const consul = new Consul({
    host: hostname,
    port: Number(port) || (secure ? 443 : 80),
    secure,
    agent: boundAnswers(secure ? secureAgent(tls) : new PlainAgent({ keepAlive: true }), longestAnswer),
    ...(token && { defaults: { token: token.reveal() } }),
  });
  // Every method takes a time limit, of which its types know nothing.
  const brief: object = { timeout: patience };

  return {
    address,
    async health(service, { datacenter, index, wait, signal }) {
      signal.throwIfAborted();
      const context = Object.assign(new EventEmitter(), { includeResponse: true });
      const cancel = (): boolean => context.emit("cancel");
      signal.addEventListener("abort", cancel);
      try {
        // Consul adds up to a sixteenth to the wait; an agent that says nothing for longer hangs.
        const timeout = patience + (index === 0 ? 0 : Math.ceil((wait * 17) / 16));
        const where = datacenter !== undefined && { dc: datacenter };
        const query = { service, ...where, index, wait: `${wait}ms`, stale: true, timeout, ctx: context };
        const answered: unknown = await consul.health.service(query);
        return readHealth(answered);
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    async register({ ttl, forgetAfter, ...service }) {
      const check = {
        name: `${service.name} says that it is well`,
        ttl: `${ttl}ms`,
        status: "passing",
        deregistercriticalserviceafter: `${forgetAfter}ms`,
        timeout: `${ttl}ms`, // its types want one; a TTL has none
      };
      await consul.agent.service.register({ ...service, meta: { ...service.meta }, check, ...brief });
    },
    async pass(id) {
      await consul.agent.check.pass({ id: `service:${id}`, ...brief });
    },
    async deregister(id) {
      await consul.agent.service.deregister({ id, ...brief });
    },
    close: () => consul.destroy(),
  };
}

/** Tells a refusal, which the agent itself uttered, from an agent that is gone or hangs. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && "isResponse" in error && error.isResponse === true;
}

function secureAgent({ context, name }: Partial<ClientTls> = {}): SecureAgent {
  return new SecureAgent({
    keepAlive: true,
    ...(context && { secureContext: context }),
    ...(name !== undefined && { servername: name }),
  });
}

function readHealth(answered: unknown): HealthAnswer {
  const [response, entries]: unknown[] = Array.isArray(answered) ? answered : [];
  if (!isResponse(response) || !Array.isArray(entries)) throw new Error("the answer is not Consul's: not a list");
  const { "x-consul-index": index, "x-consul-knownleader": led } = response.headers;
  const { "x-consul-results-filtered-by-acls": filtered } = response.headers;
  if (typeof index !== "string" || !/^\d{1,15}$/.test(index)) throw new Error("the answer is not Consul's: no index");
  if (entries.length === 0 && filtered === "true") throw new Error("the token may not read this service");
  // A server that lost the others, or has just started, knows of nobody and says so all the same.
  if (entries.length === 0 && led === "false") throw new Error("Consul has no leader");
  return { index: Number(index), entries };
}

const isResponse = (value: unknown): value is { headers: IncomingHttpHeaders } =>
  typeof value === "object" && value !== null && "headers" in value;
