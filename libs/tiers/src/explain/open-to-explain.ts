import { setTimeout as sleep } from "node:timers/promises";
import type { ExplainAnswer } from "@tandem/contracts/explanation";
import type { Diagnostic } from "@tandem/platform/config/diagnostic";
import type { LineStream } from "@tandem/platform/log/batch-writer";
import type { ConfigOf } from "../load.ts";
import { routingProcess } from "../routing-process.ts";
import { securityProcess } from "../security-process.ts";
import type { OpenTier, TierProcess } from "../serve-tier.ts";
import { openWatching } from "../watching.ts";
import { dryRequestOf } from "./dry-request.ts";
import type { RoutingQuestion, SecurityQuestion } from "./question.ts";

/** Both tiers of a file, to be asked and nothing else. */
export interface Explainable {
  security(question: SecurityQuestion): Promise<ExplainAnswer>;
  routing(question: RoutingQuestion): Promise<ExplainAnswer>;
  close(): Promise<void>;
}

export type Opened =
  | { readonly ok: true; readonly value: Explainable }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** How long discovery may take to name instances. */
const patienceMs = 3_000;

/** Opens both tiers without a listener: nobody can call them, no key is rotated, no instance is probed, nothing is registered, exported or kept on disk. */
export async function openToExplain(file: string, errors: LineStream): Promise<Opened> {
  const security = securityProcess.load(file);
  const routing = routingProcess.load(file);
  if (!security.ok) return security;
  if (!routing.ok) return routing;
  await using opened = new AsyncDisposableStack();
  const open = async <T extends "security" | "routing">(
    kind: TierProcess<ConfigOf<T>>,
    { value, hash: generation }: { readonly value: ConfigOf<T>; readonly hash: string },
  ) => {
    const watching = openWatching(kind.tier, value, { generation, stdout: errors });
    opened.defer(() => watching.close());
    const tier = await kind.open(value, watching);
    opened.defer(() => tier.close());
    await untilKnown(tier);
    const { service, instance } = watching;
    return async (question: SecurityQuestion & RoutingQuestion): Promise<ExplainAnswer> => {
      const { view, given } = dryRequestOf(question);
      return { service, instance, generation, explanation: await tier.gateway.explain(view, given) };
    };
  };
  const askSecurity = await open(securityProcess, { ...security, value: stillSecurity(security.value) });
  const askRouting = await open(routingProcess, { ...routing, value: stillRouting(routing.value) });
  const closing = opened.move();
  return { ok: true, value: { security: askSecurity, routing: askRouting, close: () => closing.disposeAsync() } };
}

/** What no check speaks against is known; what is not known after so long is told as it is then. */
async function untilKnown({ checks }: OpenTier): Promise<void> {
  const end = performance.now() + patienceMs;
  while (Object.values(checks).some((check) => check() !== undefined) && performance.now() < end) await sleep(20);
}

function still<Config extends ConfigOf<"security"> | ConfigOf<"routing">>(config: Config): Config {
  const { level } = config.log;
  return {
    ...config,
    snapshots: undefined,
    traces: { ...config.traces, otlp: undefined, keep: 0 },
    log: { level: level === "debug" ? level : "error", format: "auto", connections: "none", successes: 0 },
  };
}

function stillSecurity(config: ConfigOf<"security">): ConfigOf<"security"> {
  const { security } = config;
  const issuers = security.issuers.map((issuer) =>
    issuer.type === "embedded" ? { ...issuer, rotateEvery: undefined } : issuer,
  );
  const assertion = { ...security.assertion, rotateEvery: undefined };
  return { ...still(config), security: { ...security, issuers, assertion } };
}

function stillRouting(config: ConfigOf<"routing">): ConfigOf<"routing"> {
  const { routing } = config;
  const serviceTokens = routing.serviceTokens && { ...routing.serviceTokens, rotateEvery: undefined };
  const services: Record<string, (typeof routing.services)[string]> = {};
  for (const [name, service] of Object.entries(routing.services))
    services[name] = { ...service, health: { ...service.health, probe: undefined } };
  return { ...still(config), routing: { ...routing, services, serviceTokens } };
}
