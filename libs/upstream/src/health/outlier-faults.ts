import type { Endpoint } from "@tandem/contracts/upstream";
import type { HealthOptions } from "./config.ts";

interface Fault {
  readonly path: (string | number)[];
  readonly message: string;
  readonly expected: string;
}

interface Judged {
  readonly health: Pick<HealthOptions, "outlier">;
  /** Where the configuration lists them, so that there will never be more. */
  readonly instances?: readonly Endpoint[];
}

/** Services that ask for more healthy instances than an ejection could ever leave, so that nobody would be ejected. */
export function outlierFaults(services: Readonly<Record<string, Judged>>): Fault[] {
  return Object.entries(services).flatMap(
    ([
      name,
      {
        health: { outlier },
        instances,
      },
    ]) => {
      if (!outlier || !instances) return [];
      const count = new Set(instances.map(({ origin }) => origin)).size;
      // One is the default: a list of one instance asks for nothing by it.
      if (outlier.minHealthy < Math.max(2, count)) return [];
      return [
        {
          path: ["services", name, "health", "outlier", "minHealthy"],
          message: `of ${count === 1 ? "one instance" : `${count} instances`} nobody could ever be ejected`,
          expected: count <= 2 ? "1, or `outlier: false`" : `at most ${count - 1}, or \`outlier: false\``,
        },
      ];
    },
  );
}
