import type { Logger } from "./logger.ts";

const nothing = (): void => {};

/** Says nothing; for tests, and where logging is nobody's concern. */
export const silentLogger: Logger = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  child: () => silentLogger,
  isDebug: false,
};
