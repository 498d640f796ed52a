import type { ProbeOptions } from "../health/config.ts";
import { ProbeRecord, type ProbeResult } from "../health/probe-record.ts";
import { createProbe, knock, type Probe, type Speech } from "../health/probe.ts";
import { startRounds } from "../health/rounds.ts";
import type { PooledInstance } from "./pooled-instance.ts";

/** Milliseconds between two attempts at a connection to an instance that is out. */
const knockEvery = 1_000;

/** With what instances are asked how they are. */
export interface Probing {
  /** Whether a connection opens; for those that are out, and no client's request is spent on that. */
  readonly knock: Probe;
  /** What the service says is to be asked of all. */
  readonly probe: Probe | undefined;
}

/** The real ones; in the service's own TLS and protocol. */
export function probingFor(options: ProbeOptions | undefined, speech: Speech): Probing {
  return { knock: knock(knockEvery, speech), probe: options && createProbe(options, speech) };
}

interface Watcher {
  readonly probing: Probing;
  readonly options: ProbeOptions | undefined;
  readonly now: () => number;
  readonly random: () => number;
  /** Something that decides who takes part has changed. */
  readonly changed: () => void;
}

/** Asks instances how they are for as long as it makes a difference. */
export class WatchOver {
  readonly #watcher: Watcher;

  constructor(watcher: Watcher) {
    this.#watcher = watcher;
  }

  /** Probes an instance, where its service says so, until it leaves. */
  probe(instance: PooledInstance, state: "believed" | "unproven"): void {
    const { probing, options, random } = this.#watcher;
    const { probe } = probing;
    if (!probe || !options || instance.rounds.probe) return;
    const record = new ProbeRecord(options, state);
    instance.probed = record;
    let first = true;
    instance.rounds.probe = startRounds<ProbeResult>({
      ask: (signal) => probe(instance.origin, signal),
      tell: (result) => this.#probed(instance, record, result),
      pause() {
        // Spread from the beginning: many instances that are found together are not asked together.
        const early = first ? random() : 1 + options.jitter * (2 * random() - 1);
        first = false;
        const edge = record.edge || instance.outlier?.ejected === true;
        return (edge ? options.edgeInterval : options.interval) * early;
      },
    });
  }

  /** Knocks at an instance while it is out because a connection failed or because of its answers. */
  knock(instance: PooledInstance): void {
    const { rounds, origin, outlier } = instance;
    const isOut = instance.unreachable || outlier?.ejected === true;
    if (isOut) {
      rounds.knock ??= startRounds<ProbeResult>({
        ask: (signal) => this.#watcher.probing.knock(origin, signal),
        tell: (result) => this.#knocked(instance, result),
        pause: () => knockEvery,
      });
    } else {
      rounds.knock?.close();
      rounds.knock = undefined;
    }
  }

  #knocked(instance: PooledInstance, { ok, found }: ProbeResult): void {
    // Ejected for its answers, and still there: its time is not over.
    if (ok !== instance.unreachable) {
      if (found === "ECONNREFUSED") instance.died = true;
      return;
    }
    const now = this.#watcher.now();
    if (ok) instance.found(now);
    else instance.missed(found === "ECONNREFUSED", now);
    this.#watcher.changed();
  }

  #probed(instance: PooledInstance, record: ProbeRecord, result: ProbeResult): void {
    const now = this.#watcher.now();
    const before = record.healthy;
    record.add(result, now);
    let changed = record.healthy !== before;
    if (result.ok && instance.unreachable) {
      instance.found(now);
      changed = true;
    }
    if (record.convinced && instance.outlier?.ejected) {
      instance.outlier.comeBack(now);
      changed = true;
    }
    if (changed) this.#watcher.changed();
  }
}
