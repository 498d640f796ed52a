import type { Endpoint } from "@tandem/contracts/upstream";

/** More than these are counted, not listed: evidence is for reading. */
const mostListed = 100;

/** A list as evidence shows it. */
export function listed(endpoints: readonly Endpoint[]): {
  readonly endpoints: readonly Endpoint[];
  readonly unlisted?: number;
} {
  if (endpoints.length <= mostListed) return { endpoints };
  return { endpoints: endpoints.slice(0, mostListed), unlisted: endpoints.length - mostListed };
}
