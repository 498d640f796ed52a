import type { Environment } from "./environment.ts";

/** What the fields of a schema need to know of the file that is being read. */
export interface Reading {
  /** Relative paths start at the configuration file's own directory. */
  readonly directory: string;
  /** Whether the section is this process's own: only then are secrets fetched and paths made absolute. */
  readonly own: boolean;
  /** Lets a secret that cannot be fetched pass as one of another tier, so that the checks can run all the same. */
  readonly lenient: boolean;
  readonly environment: Environment;
  /** The texts whose `${…}` some field took care of. */
  readonly consumed: Set<string>;
}

const nothing: Reading = { directory: ".", own: false, lenient: false, environment: {}, consumed: new Set() };
let current = nothing;

/**
 * Runs one synchronous parse with its surroundings. A capability builds its schema once, at import, while the file it
 * reads differs from load to load, and zod hands a transform nothing but the value.
 */
export function whileReading<T>(reading: Reading, parse: () => T): T {
  const outer = current;
  current = reading;
  try {
    return parse();
  } finally {
    current = outer;
  }
}

/** The surroundings of the running parse; outside of a load nothing is resolved. */
export function currentReading(): Reading {
  return current;
}
