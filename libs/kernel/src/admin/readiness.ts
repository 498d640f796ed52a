/** Says why something is not ready yet, or nothing when it is. */
export type ReadinessCheck = () => string | undefined;

/** What `/readyz` shows: the checks by name, each `ok` or the reason why not. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** Whether this process wants requests. */
export interface Readiness {
  report(): ReadinessReport;
  /** From here on it wants none, whatever the checks say; balancers are to see it before the listeners close. */
  shutDown(): void;
}

/** Makes the readiness of a process from its checks; a check that throws is one that is not ready. */
export function createReadiness(checks: Readonly<Record<string, ReadinessCheck>>): Readiness {
  let leaving = false;
  return {
    report() {
      const results: Record<string, string> = {};
      for (const [name, check] of Object.entries(checks)) results[name] = resultOf(check);
      if (leaving) results["shutdown"] = "the process is shutting down";
      return { ready: Object.values(results).every((result) => result === "ok"), checks: results };
    },
    shutDown() {
      leaving = true;
    },
  };
}

function resultOf(check: ReadinessCheck): string {
  try {
    return check() ?? "ok";
  } catch (error) {
    return `the check failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
