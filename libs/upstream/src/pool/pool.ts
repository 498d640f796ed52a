import type { PoolCounts } from "@tandem/contracts/pool-counts";
import type { Endpoint } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import type { Dispatcher } from "undici";
import type { Balance, Choose, Foreseen } from "../balance/balance.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { createPacer } from "../discovery/pacer.ts";
import type { ClientTls } from "../connections/client-tls.ts";
import type { Protocol } from "../connections/dispatcher.ts";
import type { Instance } from "./instance.ts";
import { layTable, type TableReason } from "./lay-table.ts";
import { outsiderOf } from "./outsider.ts";
import { countPool } from "./pool-counts.ts";
import { viewPool, type PoolView } from "./pool-view.ts";
import { PooledInstance, type House } from "./pooled-instance.ts";
import { refresh } from "./refresh.ts";
import { mildRules, type Rules } from "./rules.ts";
import { foreseeTrial, takeTrial } from "./trials.ts";
import { probingFor, WatchOver, type Probing } from "./watch-over.ts";

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
  /** Chooses somebody to ask beside those tried, who still work on it: only who takes part, because the first answer counts, and whoever is out fails fastest. */
  spare(exchange: Exchange, tried: readonly Instance[]): Instance | undefined;
  /** Milliseconds until somebody who rests may be tried again; 0 where nobody rests. */
  readonly restsFor: number;
  /**
   * A connection to it could not be opened: it gets nothing before one can, because discovery learns of it later. What
   * its dispatcher could not open the pool sees by itself; this is for connections opened elsewhere.
   */
  avoid(instance: Instance): void;
  /** Whom the next request would get, or why nobody; nobody's turn comes nearer by that. */
  foresee(exchange: Exchange): Foreseen | Nobody;
  view(): PoolView;
  /** The same in numbers, however many instances there are. */
  counts(): PoolCounts;
  /** Chooses nobody any more; settles when the last exchange has ended and all connections are closed. */
  close(): Promise<void>;
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
  /** Who is sick, and how much anybody gets. Default: mild ejection, and nothing else. */
  readonly rules?: Rules;
  /** What probes of `https:` origins are made with. */
  readonly tls?: ClientTls | undefined;
  /** What probes speak. Default: `http1`. */
  readonly protocol?: Protocol | undefined;
  readonly logger?: Logger | undefined;
  /** For tests: who asks the instances how they are, when it is, and the lot. */
  readonly probing?: Probing;
  readonly clock?: Pick<Clock, "monotonic">;
  readonly random?: () => number;
}

/** Follows a service until it is closed; per request it only indexes a table that is laid anew when anything changes. */
export function createPool(options: PoolOptions): Pool {
  const { name, service = name, discovery, balance, accepts, dispatcherFor, rules = mildRules } = options;
  const { tls, protocol = "http1", clock = systemClock, random = Math.random } = options;
  const { probing = probingFor(rules.probe, { tls, protocol }) } = options;
  const own = (options.logger ?? silentLogger).child({ pool: name });
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  // A storm of failures must not lay the table as often as there are failures.
  const pace = createPacer({ burst: 10, every: 50 });
  const now = (): number => clock.monotonic();
  const leaving = new Set<PooledInstance>();
  let byOrigin = new Map<string, PooledInstance>();
  let all: readonly PooledInstance[] = [];
  let begun = false;
  let choose: Choose | undefined;
  let halfOpen: readonly PooledInstance[] = [];
  /** Of the retries that go to somebody who is out. */
  let turn = 0;
  let wake: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  const table = { reason: "normal" as TableReason, since: now(), panics: 0 };

  const lay = (): void => {
    const at = now();
    clearTimeout(wake);
    clearTimeout(soon);
    wake = soon = undefined;
    let due = Number.POSITIVE_INFINITY;
    for (const instance of all) {
      due = Math.min(due, refresh(instance, { slowStart: rules.slowStart, logger: own, now: at }));
      watchOver.knock(instance);
      instance.weight = 0;
    }
    const { reason, members, weights } = layTable(all, rules);
    for (const [index, member] of members.entries()) member.weight = weights[index]!;
    choose = members.length > 0 ? balance(members) : undefined;
    halfOpen = all.filter(({ breaker, healthy }) => breaker?.state === "half-open" && (healthy || reason === "panic"));
    if (reason !== table.reason) turnTo(reason, at);
    if (due < Number.POSITIVE_INFINITY) wake = setTimeout(lay, Math.max(1, Math.ceil(due - at))).unref();
  };

  const turnTo = (reason: TableReason, at: number): void => {
    if (reason === "panic") {
      table.panics++;
      own.warn("too few instances are healthy: requests go to all");
    } else if (table.reason === "panic") {
      own.info("enough instances are healthy again");
      for (const { outlier } of all) outlier?.reconsider();
    }
    table.reason = reason;
    table.since = at;
  };

  const changed = (): void => {
    if (soon) return;
    const wait = pace(now());
    if (wait <= 0) lay();
    else soon = setTimeout(lay, Math.ceil(wait)).unref();
  };

  const toEject = (instance: PooledInstance): void => {
    const { outlier, probed } = instance;
    if (!outlier || !rules.outlier) return;
    const others = all.reduce((count, one) => (one !== instance && one.healthy && !one.barred ? count + 1 : count), 0);
    if (others < rules.outlier.minHealthy) outlier.suspectIt(now());
    else {
      outlier.eject(now());
      house.ejections++;
      // Only what is asked from now on can tell that it is well again.
      if (probed) probed.good = 0;
    }
    changed();
  };

  const house: House = { rules, now, inFlight: 0, ejections: 0, breaks: 0, changed, toEject };
  const watchOver = new WatchOver({ probing, options: rules.probe, now, random, changed });

  const miss = (instance: PooledInstance, refused: boolean): void => {
    if (byOrigin.get(instance.origin) !== instance) return;
    const already = instance.unreachable;
    instance.missed(refused, now());
    if (!already) changed();
  };

  const open = (endpoint: Endpoint): PooledInstance => {
    const dispatcher = dispatcherFor(endpoint.origin);
    const instance = new PooledInstance(endpoint, dispatcher, house);
    dispatcher.on("connectionError", (_origin, _targets, error: NodeJS.ErrnoException) =>
      miss(instance, error.code === "ECONNREFUSED"),
    );
    return instance;
  };

  const adopt = (endpoint: Endpoint): PooledInstance => {
    const returning = [...leaving].find(({ origin, gone }) => origin === endpoint.origin && !gone);
    if (returning) leaving.delete(returning);
    const instance = byOrigin.get(endpoint.origin) ?? returning ?? open(endpoint);
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
    // Those named first are no newcomers: it is the gateway that is new.
    const isFirst = !begun;
    const endpoints = accepts ? named.filter(accepts) : named;
    // An origin that is named twice is one instance, as what was said last; each has connections of its own.
    const distinct = new Map(endpoints.map((endpoint) => [endpoint.origin, endpoint]));
    byOrigin = new Map([...distinct].map(([origin, endpoint]) => [origin, adopt(endpoint)]));
    all = [...byOrigin.values()];
    for (const instance of all) {
      if (isFirst) instance.wasIn = true;
      watchOver.probe(instance, isFirst ? "believed" : "unproven");
    }
    begun ||= all.length > 0;
    lay();
    for (const [origin, instance] of before) if (!byOrigin.has(origin)) dismiss(instance);
    becomeReady();
  };

  /** Another try goes to somebody who is out before it goes nowhere. */
  const outsiderFor = (tried: readonly Instance[]): Instance | undefined =>
    tried.length === 0 || rules.panic === 0 ? undefined : outsiderOf(all, tried, turn++);

  const whyNobody = (tried: readonly Instance[]): Nobody =>
    all.some((one) => one.barred && !tried.includes(one)) ? "breaker-open" : "no-instance";

  const watch = discovery.watch(service, replace);
  const seen = () => {
    const evidence = watch.evidence();
    return { name, all, table, rules, house, now: now(), leaving: leaving.size, evidence };
  };

  return {
    name,
    ready,
    get instances() {
      return all;
    },
    get restsFor() {
      const ends = all.flatMap(({ breaker }) => (breaker?.state === "open" ? [breaker.until] : []));
      return ends.length === 0 ? 0 : Math.max(0, Math.min(...ends) - now());
    },
    pick(exchange, tried) {
      if (house.inFlight >= rules.most) return "overloaded";
      const trial = halfOpen.length > 0 ? takeTrial(exchange, tried, { halfOpen, now: now() }) : undefined;
      return trial ?? choose?.(exchange, tried) ?? outsiderFor(tried) ?? whyNobody(tried);
    },
    spare: (exchange, tried) => (house.inFlight < rules.most ? choose?.(exchange, tried) : undefined),
    foresee(exchange) {
      if (house.inFlight >= rules.most) return "overloaded";
      return foreseeTrial(exchange, { halfOpen, now: now() }) ?? choose?.foresee(exchange) ?? whyNobody([]);
    },
    avoid({ origin }) {
      const instance = byOrigin.get(origin);
      if (instance) miss(instance, false);
    },
    view: () => viewPool(seen()),
    counts: () => countPool(seen()),
    async close() {
      watch.close();
      replace([]);
      await Promise.all([...leaving].map(({ closed }) => closed));
    },
  };
}
