import { systemClock, type Clock } from "./clock.ts";
import type { Logger } from "./log/logger.ts";

/** Closes one thing; the signal fires when its time is up, so that it can break off what will not end by itself. */
export type Close = (deadline: AbortSignal) => void | Promise<void>;

interface PhaseOptions {
  /** Lower ones close first: listeners before pools, pools before stores, the log last. Equal ones close together. */
  readonly order: number;
}

/** The end of a process, in order and in time. */
export interface Shutdown {
  add(name: string, close: Close, options: PhaseOptions): void;
  /** Begins the end; a second call waits for the first. Gives the exit code. */
  run(reason: string, code?: number): Promise<number>;
  /** True from the first signal on: readiness says no. */
  readonly isClosing: boolean;
}

/** What is needed of a process; `process` itself, unless a test stands in. */
export interface Signals {
  on(signal: "SIGINT" | "SIGTERM", listener: (signal: "SIGINT" | "SIGTERM") => void): unknown;
  exit(code: number): void;
}

interface ShutdownOptions {
  readonly logger: Logger;
  /** For everything together. */
  readonly graceMs: number;
  readonly signals?: Signals;
  readonly clock?: Clock;
}

interface Phase {
  readonly name: string;
  readonly close: Close;
  readonly order: number;
}

const numbers = { SIGINT: 2, SIGTERM: 15 };
/** Ctrl-C reaches the whole group of processes, and a parent passes it on as well: that is one signal, not two. */
const echoMs = 300;
/** Where the grace is used up, the rest (the log, above all) still gets this much each. */
const leastMs = 500;

/** Ends the process on SIGINT or SIGTERM, phase by phase; a second signal ends it at once. */
export function createShutdown({ logger, graceMs, signals = process, clock = systemClock }: ShutdownOptions): Shutdown {
  const phases: Phase[] = [];
  let running: Promise<number> | undefined;
  let begun = 0;

  async function closeAll(reason: string, code: number): Promise<number> {
    logger.info("shutting down", { reason });
    const deadline = clock.monotonic() + graceMs;
    let failed = false;
    for (const order of [...new Set(phases.map((phase) => phase.order))].toSorted((left, right) => left - right)) {
      const remaining = Math.max(leastMs, deadline - clock.monotonic());
      const group = phases.filter((phase) => phase.order === order);
      const closed = await Promise.all(group.map((phase) => closeOne(phase, remaining, logger)));
      failed ||= closed.includes(false);
    }
    const exitCode = code === 0 && failed ? 1 : code;
    signals.exit(exitCode);
    return exitCode;
  }

  const shutdown: Shutdown = {
    add(name, close, { order }) {
      phases.push({ name, close, order });
    },
    run(reason, code = 0) {
      if (running === undefined) {
        begun = clock.monotonic();
        running = closeAll(reason, code);
      }
      return running;
    },
    get isClosing() {
      return running !== undefined;
    },
  };
  const onSignal = (signal: "SIGINT" | "SIGTERM"): void => {
    if (running === undefined) void shutdown.run(signal);
    else if (clock.monotonic() - begun >= echoMs) signals.exit(128 + numbers[signal]);
  };
  signals.on("SIGINT", onSignal);
  signals.on("SIGTERM", onSignal);
  return shutdown;
}

/** Tells whether it closed well; never throws, and takes little more than its time. */
async function closeOne({ name, close }: Phase, ms: number, logger: Logger): Promise<boolean> {
  const aborter = new AbortController();
  const late = Promise.withResolvers<"late">();
  // The phase that breaks off at the deadline gets a moment to say so.
  const timer = setTimeout(() => {
    aborter.abort();
    setTimeout(() => late.resolve("late"), 100);
  }, ms);
  try {
    const outcome = await Promise.race([Promise.resolve(close(aborter.signal)).then(() => "closed"), late.promise]);
    if (aborter.signal.aborted) logger.warn("a part did not close in time", { part: name, ms: Math.round(ms) });
    return outcome === "closed" && !aborter.signal.aborted;
  } catch (error) {
    logger.error("a part failed to close", { part: name, error });
    return false;
  } finally {
    clearTimeout(timer);
  }
}
