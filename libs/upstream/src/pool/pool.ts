import type { Endpoint } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Dispatcher } from "undici";
import type { Balance, Choose } from "../balance/balance.ts";
import type { Discovery, Evidence } from "../discovery/discovery.ts";
import type { Instance } from "./instance.ts";
import { PooledInstance } from "./pooled-instance.ts";

/** Why nobody can be chosen; each has a problem of its own. */
export type Nobody = "no-instance" | "breaker-open" | "overloaded";

/** The instances of one service, and the only place that knows how they fare. */
export interface Pool {
  readonly name: string;
  /** Those that discovery calls healthy. */
  readonly instances: readonly Instance[];
  /** Settles when discovery has answered for the first time, whatever it said. */
  readonly ready: Promise<void>;
  /** Chooses for one attempt, none of those tried, or says why there is nobody. Whoever takes an instance tells it of the beginning and the end. */
  pick(exchange: Exchange, tried: readonly Instance[]): Instance | Nobody;
  /**
   * It refused a connection: give it nothing for a moment, because discovery learns of it later. What its dispatcher
   * could not open the pool sees by itself; this is for connections opened elsewhere.
   */
  avoid(instance: Instance): void;
  view(): PoolView;
  /** Chooses nobody any more; settles when the last exchange has ended and all connections are closed. */
  close(): Promise<void>;
}

/** A pool as the admin plane shows it. */
export interface PoolView {
  readonly name: string;
  readonly instances: readonly {
    readonly id: string;
    readonly origin: string;
    readonly weight: number;
    readonly inFlight: number;
    readonly avoided: boolean;
  }[];
  /** Taken away by discovery, with exchanges still to end. */
  readonly leaving: number;
  readonly discovery: Evidence;
}

interface PoolOptions {
  readonly name: string;
  /** What discovery calls it. Default: its name. */
  readonly service?: string | undefined;
  readonly discovery: Discovery;
  readonly balance: Balance;
  /** Leaves out what must not be spoken to, such as plain http where mutual TLS is the rule. Default: nothing. */
  readonly accepts?: (endpoint: Endpoint) => boolean;
  readonly dispatcherFor: (origin: string) => Dispatcher;
  /** Milliseconds that an instance is avoided after it refused a connection. */
  readonly coolDown?: number;
}

/** Follows a service until it is closed; per request it only indexes a table that is swapped when anything changes. */
export function createPool(options: PoolOptions): Pool {
  const { name, service = name, discovery, balance, accepts, dispatcherFor, coolDown = 1_000 } = options;
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  const leaving = new Set<PooledInstance>();
  let byOrigin = new Map<string, PooledInstance>();
  let healthy: readonly PooledInstance[] = [];
  let choose: Choose | undefined;

  const layTable = (): void => {
    const willing = healthy.filter(({ cooling }) => cooling === undefined);
    // When everybody is avoided nobody is: a request that may fail is better than one that must.
    const table = willing.length > 0 ? willing : healthy;
    choose = table.length > 0 ? balance(table) : undefined;
  };

  const avoid = (instance: PooledInstance): void => {
    if (byOrigin.get(instance.origin) !== instance) return;
    const already = instance.cooling !== undefined;
    clearTimeout(instance.cooling);
    instance.cooling = setTimeout(() => {
      instance.cooling = undefined;
      layTable();
    }, coolDown).unref();
    if (!already) layTable();
  };

  const open = (endpoint: Endpoint): PooledInstance => {
    const dispatcher = dispatcherFor(endpoint.origin);
    const instance = new PooledInstance(endpoint, dispatcher);
    dispatcher.on("connectionError", () => avoid(instance));
    return instance;
  };

  const adopt = (endpoint: Endpoint): PooledInstance => {
    const returning = [...leaving].find(({ origin, gone }) => origin === endpoint.origin && !gone);
    if (returning) leaving.delete(returning);
    const instance = byOrigin.get(endpoint.origin) ?? returning;
    if (!instance) return open(endpoint);
    instance.update(endpoint);
    return instance;
  };

  const dismiss = (instance: PooledInstance): void => {
    leaving.add(instance);
    void instance.closed.then(() => leaving.delete(instance));
    instance.retire();
  };

  const replace = (named: readonly Endpoint[]): void => {
    const before = byOrigin;
    const endpoints = accepts ? named.filter(accepts) : named;
    byOrigin = new Map(endpoints.map((endpoint) => [endpoint.origin, adopt(endpoint)]));
    healthy = [...byOrigin.values()];
    layTable();
    for (const [origin, instance] of before) if (!byOrigin.has(origin)) dismiss(instance);
    becomeReady();
  };

  /** Another try goes to somebody who is avoided before it goes nowhere. */
  const avoidedOf = (tried: readonly Instance[]): Instance | undefined =>
    tried.length === 0 ? undefined : healthy.find((instance) => !tried.includes(instance));

  const watch = discovery.watch(service, replace);

  return {
    name,
    ready,
    get instances() {
      return healthy;
    },
    pick: (exchange, tried) => choose?.(exchange, tried) ?? avoidedOf(tried) ?? "no-instance",
    avoid({ origin }) {
      const instance = byOrigin.get(origin);
      if (instance) avoid(instance);
    },
    view: () => ({
      name,
      instances: healthy.map(({ id, origin, weight, inFlight, cooling }) => ({
        id,
        origin,
        weight,
        inFlight,
        avoided: cooling !== undefined,
      })),
      leaving: leaving.size,
      discovery: watch.evidence(),
    }),
    async close() {
      watch.close();
      replace([]);
      await Promise.all([...leaving].map(({ closed }) => closed));
    },
  };
}
