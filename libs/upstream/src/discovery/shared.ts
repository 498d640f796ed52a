import type { Endpoint } from "@tandem/contracts/upstream";
import type { Discovery, Watch } from "./discovery.ts";

interface Common {
  readonly watch: Watch;
  /** Replaced as a whole: one that is told may leave. */
  listeners: readonly ((endpoints: readonly Endpoint[]) => void)[];
  last?: readonly Endpoint[];
}

/** Asks once however many watch the same service: the first opens the watch, the last closes it. */
export function shared(discovery: Discovery): Discovery {
  const byService = new Map<string, Common>();

  const open = (service: string): Common => {
    const watch = discovery.watch(service, (endpoints) => {
      common.last = endpoints;
      for (const listener of common.listeners) listener(endpoints);
    });
    const common: Common = { watch, listeners: [] };
    byService.set(service, common);
    return common;
  };

  return {
    watch(service, onChange) {
      const common = byService.get(service) ?? open(service);
      let told = false;
      let closed = false;
      const tell = (endpoints: readonly Endpoint[]): void => {
        told = true;
        if (!closed) onChange(endpoints);
      };
      common.listeners = [...common.listeners, tell];
      queueMicrotask(() => {
        if (!told && common.last) tell(common.last);
      });
      return {
        evidence: () => common.watch.evidence(),
        close() {
          if (closed) return;
          closed = true;
          common.listeners = common.listeners.filter((listener) => listener !== tell);
          if (common.listeners.length > 0) return;
          common.watch.close();
          byService.delete(service);
        },
      };
    },
  };
}
