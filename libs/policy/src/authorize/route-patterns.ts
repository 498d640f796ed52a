/** Tells whether a route is named by one of the patterns: its name, or `orders-*` for all that begin so. */
export const matchesAny = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name));
