/** What a process was started with; a parameter everywhere else, so that a test brings its own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that reads `process.env`. */
export function processEnvironment(): Environment {
  return process.env;
}
