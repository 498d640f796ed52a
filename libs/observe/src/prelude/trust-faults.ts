import { isCovered, rangeOf, type NetworkRange } from "@tandem/kernel/listener/network-range";
import type { Problem } from "@tandem/platform/config/diagnostic";
import type { TraceContextOptions } from "./config.ts";

/** The networks whose addresses all stand in front of them already, so that they could never be taken; paths begin at the section. */
export function trustFaults({ networks }: Pick<TraceContextOptions, "networks">): Problem[] {
  const faults: Problem[] = [];
  const before: NetworkRange[] = [];
  for (const [rule, { from }] of networks.entries())
    for (const [at, cidr] of from.entries()) {
      const range = rangeOf(cidr);
      if (isCovered(range, before))
        faults.push({
          path: ["networks", rule, "from", at],
          message: `can never match: all of ${cidr} stands before it, and the first entry holds`,
        });
      before.push(range);
    }
  return faults;
}
