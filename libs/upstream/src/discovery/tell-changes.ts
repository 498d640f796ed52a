import type { Endpoint } from "@tandem/contracts/upstream";
import type { Logger } from "@tandem/platform/log/logger";
import { fingerprint } from "./fingerprint.ts";
import { listed } from "./listed.ts";

/** Tells a list where it is another than the last one: an answer may come without any change. */
export function tellChanges(
  onChange: (endpoints: readonly Endpoint[]) => void,
  logger: Logger,
): (endpoints: readonly Endpoint[]) => void {
  let told: string | undefined;
  return (endpoints) => {
    const list = fingerprint(endpoints);
    if (list === told) return;
    onChange(endpoints);
    told = list;
    const instances = listed(endpoints).endpoints.map(({ id }) => id);
    logger.info("the instances of a service have changed", { instances });
  };
}
