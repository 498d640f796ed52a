import assert from "node:assert/strict";
import { setImmediate as settled } from "node:timers/promises";
import type { TestContext } from "node:test";
import type { Attempt, Endpoint } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import { exchangeOf } from "@tandem/kernel/testing";
import { fixedClock, keepingLogger, type LoggedLine } from "@tandem/platform/testing";
import { MockAgent } from "undici";
import { z } from "zod";
import { roundRobin } from "../balance/round-robin.ts";
import { breakerSchema } from "../breaker/config.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { healthSchema } from "../health/config.ts";
import type { ProbeResult } from "../health/probe-record.ts";
import { poolFields } from "./config.ts";
import type { Instance } from "./instance.ts";
import type { InstanceView } from "./pool-view.ts";
import { createPool, type Nobody, type Pool } from "./pool.ts";
import { rulesOf } from "./rules.ts";
import { attemptNote } from "./testing.ts";

export const endpoint = (id: string, weight = 1, zone?: string): Endpoint => ({
  id,
  origin: `http://${id}:80`,
  weight,
  ...(zone !== undefined && { zone }),
});

const schema = z.strictObject({ health: healthSchema, breaker: breakerSchema, ...poolFields });

interface BenchOptions {
  readonly service?: string;
  readonly accepts?: (endpoint: Endpoint) => boolean;
  /** As in the file. */
  readonly rules?: z.input<typeof schema>;
  readonly zone?: string;
}

/** A pool without a network: what discovery says, what answers and what the time is, a test decides. */
export interface Bench {
  readonly pool: Pool;
  readonly exchange: Exchange;
  readonly lines: LoggedLine[];
  /** What discovery says from now on. */
  readonly tell: (...endpoints: Endpoint[]) => void;
  /** Who is chosen in the next so many picks, each once. */
  readonly chosen: (...tried: (Instance | undefined)[]) => string;
  /** How often each is chosen in so many picks. */
  readonly spread: (picks: number) => Record<string, number>;
  /** Lets time pass, and what it has set off. */
  readonly pass: (ms: number) => Promise<void>;
  readonly instance: (id: string) => Instance;
  readonly seen: (id: string) => InstanceView;
  /** Has an instance end exchanges that have just begun. */
  readonly ends: (id: string, note: Partial<Attempt>, times?: number) => void;
  /** What a connection to an instance that is out comes to. */
  knocks: Partial<ProbeResult>;
  /** Who answers probes well. */
  readonly well: Set<string>;
  /** Origins made and origins closed, in order. */
  readonly made: string[];
  readonly closed: string[];
  watching: string | undefined;
}

/** Sets one up. */
export function bench(t: TestContext, options: BenchOptions = {}): Bench {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { exchange } = exchangeOf();
  const clock = fixedClock(0);
  clock.advance(1_000_000);
  let onChange: ((list: readonly Endpoint[]) => void) | undefined;
  const discovery: Discovery = {
    watch(service, listener) {
      onChange = listener;
      bed.watching = service;
      return {
        evidence: () => ({ service, source: "static", endpoints: [] }),
        close: () => (bed.watching = undefined),
      };
    },
  };
  const logger = keepingLogger();
  const bed = {
    knocks: { ok: true } as Partial<ProbeResult>,
    well: new Set<string>(),
    made: [] as string[],
    closed: [] as string[],
    watching: undefined as string | undefined,
    lines: logger.lines,
    exchange,
  };
  const dispatcherFor = (origin: string) => {
    bed.made.push(origin);
    const dispatcher = new MockAgent();
    t.mock.method(dispatcher, "close", async () => void bed.closed.push(origin));
    return dispatcher;
  };
  const { rules = {}, zone, ...rest } = options;
  const pool = createPool({
    name: "orders",
    discovery,
    balance: roundRobin({ random: () => 0 }),
    dispatcherFor,
    rules: rulesOf(schema.parse(rules), zone),
    clock,
    random: () => 0.5,
    logger,
    probing: {
      knock: async () => ({ ok: true, found: "a connection", took: 0, ...bed.knocks }),
      probe: async (origin) => {
        const ok = bed.well.has(new URL(origin).hostname);
        return { ok, found: ok ? "status 200" : "status 500", took: 1 };
      },
    },
    ...rest,
  });
  const pick = (refused: readonly Instance[] = []): string => idOf(pool.pick(exchange, refused));
  const instance = (id: string): Instance => {
    const found = pool.instances.find((one) => one.id === id);
    assert.ok(found, id);
    return found;
  };
  return Object.assign(bed, {
    pool,
    instance,
    tell: (...endpoints: Endpoint[]) => onChange?.(endpoints),
    chosen: (...tried: (Instance | undefined)[]) => {
      const refused = tried.filter((one) => one !== undefined);
      return [...new Set(Array.from({ length: 6 }, () => pick(refused)))].toSorted().join(" ");
    },
    spread: (picks: number) => {
      const counts: Record<string, number> = {};
      for (let turn = 0; turn < picks; turn++) {
        const id = pick();
        counts[id] = (counts[id] ?? 0) + 1;
      }
      return counts;
    },
    async pass(ms: number) {
      clock.advance(ms);
      t.mock.timers.tick(ms);
      // What was asked meanwhile is answered, and what follows from the answer has followed.
      for (let turn = 0; turn < 3; turn++) await settled();
    },
    seen(id: string) {
      const found = pool.view().instances.find((one) => one.id === id);
      assert.ok(found, id);
      return found;
    },
    ends(id: string, note: Partial<Attempt>, times = 1) {
      for (let turn = 0; turn < times; turn++) {
        instance(id).begin();
        instance(id).end(attemptNote({ endedAt: 0, ...note }));
      }
    },
  });
}

/** Who was picked, or why nobody. */
export const idOf = (picked: Instance | Nobody): string => (typeof picked === "string" ? picked : picked.id);
