import type { Standing } from "@tandem/contracts/pool-counts";
import type { Evidence } from "../discovery/discovery.ts";
import type { FailureKind } from "./failures.ts";
import type { TableReason } from "./lay-table.ts";
import type { House, PooledInstance } from "./pooled-instance.ts";
import { reasonOf } from "./refresh.ts";
import type { Rules } from "./rules.ts";

/** More instances than this are not listed, and of many those that are not healthy come first. */
const mostListed = 500;

/** An instance as the admin plane shows it, with the evidence for how it stands. */
export interface InstanceView {
  readonly id: string;
  readonly origin: string;
  readonly zone?: string;
  readonly state: Standing;
  /** Its share now, 0 while it takes no part, and the share that discovery says. */
  readonly weight: number;
  readonly fullWeight: number;
  readonly inFlight: number;
  readonly latencyMs: number;
  /** The latest first; `failed` counts them all. */
  readonly failed: number;
  readonly failures: readonly { readonly kind: FailureKind; readonly ageMs: number }[];
  readonly outlier?: {
    readonly consecutive: number;
    readonly ejections: number;
    /** How many of them the next one is longer for. */
    readonly heldAgainst: number;
    readonly endsInMs?: number;
  };
  readonly probe?: {
    readonly state: string;
    readonly good: number;
    readonly bad: number;
    readonly found?: string;
    readonly tookMs?: number;
    readonly ageMs?: number;
  };
  readonly breaker?: {
    readonly state: string;
    readonly opened: number;
    readonly ended: number;
    readonly failed: number;
    readonly endsInMs?: number;
  };
}

/** A pool as the admin plane shows it. */
export interface PoolView {
  readonly name: string;
  /** Why requests go to whom they go, since when, and how often it was a panic. */
  readonly table: { readonly reason: TableReason; readonly ageMs: number; readonly panics: number };
  readonly inFlight: number;
  readonly limit?: number;
  readonly instances: readonly InstanceView[];
  /** Not listed, because there are too many. */
  readonly unlisted: number;
  /** Taken away by discovery, with exchanges still to end. */
  readonly leaving: number;
  readonly discovery: Evidence;
}

/** What a pool shows is made of this. */
export interface Seen {
  readonly name: string;
  readonly all: readonly PooledInstance[];
  readonly table: { readonly reason: TableReason; readonly since: number; readonly panics: number };
  readonly rules: Rules;
  readonly now: number;
  readonly house: Pick<House, "inFlight" | "ejections" | "breaks">;
  readonly leaving: number;
  readonly evidence: Evidence;
}

/** Shows a pool as it is at this moment; never more than so many instances, however many there are. */
export function viewPool({ name, all, table, rules, now, house, leaving, evidence }: Seen): PoolView {
  const listed =
    all.length <= mostListed
      ? all
      : [...all.filter((one) => !isWell(one)), ...all.filter((one) => isWell(one))].slice(0, mostListed);
  return {
    name,
    table: { reason: table.reason, ageMs: Math.round(now - table.since), panics: table.panics },
    inFlight: house.inFlight,
    ...(rules.most < Number.POSITIVE_INFINITY && { limit: rules.most }),
    instances: listed.map((instance) => viewInstance(instance, now)),
    unlisted: all.length - listed.length,
    leaving,
    discovery: evidence,
  };
}

const isWell = (instance: PooledInstance): boolean => reasonOf(instance) === "healthy";

function viewInstance(instance: PooledInstance, now: number): InstanceView {
  const { id, origin, zone, fullWeight, inFlight, failures } = instance;
  return {
    id,
    origin,
    ...(zone !== undefined && { zone }),
    state: reasonOf(instance),
    weight: instance.weight,
    fullWeight,
    inFlight,
    latencyMs: Math.round(instance.latency * 10) / 10,
    failed: failures.total,
    failures: failures.latest(now),
    ...viewOutlier(instance, now),
    ...viewProbe(instance, now),
    ...viewBreaker(instance, now),
  };
}

function viewOutlier({ outlier }: PooledInstance, now: number): Pick<InstanceView, "outlier"> {
  if (!outlier) return {};
  const { consecutive, ejections, ejected, until } = outlier;
  const heldAgainst = outlier.rungAt(now);
  return { outlier: { consecutive, ejections, heldAgainst, ...(ejected && { endsInMs: inMs(until, now) }) } };
}

function viewProbe({ probed }: PooledInstance, now: number): Pick<InstanceView, "probe"> {
  if (!probed) return {};
  const { state, good, bad, last, lastAt } = probed;
  const latest = last && { found: last.found, tookMs: Math.round(last.took), ageMs: Math.round(now - lastAt) };
  return { probe: { state, good, bad, ...latest } };
}

function viewBreaker({ breaker }: PooledInstance, now: number): Pick<InstanceView, "breaker"> {
  if (!breaker) return {};
  const { state, opened, until } = breaker;
  return {
    breaker: { state, opened, ...breaker.counts(now), ...(state === "open" && { endsInMs: inMs(until, now) }) },
  };
}

const inMs = (moment: number, now: number): number => Math.max(0, Math.round(moment - now));
