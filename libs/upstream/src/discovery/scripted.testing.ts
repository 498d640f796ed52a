import type { Endpoint } from "@tandem/contracts/upstream";
import type { Source } from "./discovery.ts";

/** A discovery that says what the test wants, when it wants it. */
export function scripted() {
  const state = { silentMs: undefined as number | undefined, opened: 0, closed: 0 };
  let listener: ((endpoints: readonly Endpoint[]) => void) | undefined;
  let believed: readonly Endpoint[] = [];
  let answered = false;
  const say = (endpoints: readonly Endpoint[]): void => {
    believed = endpoints;
    listener?.(endpoints);
  };
  const discovery: Source = {
    watch(service, onChange) {
      state.opened++;
      listener = onChange;
      return {
        evidence: () => ({
          service,
          source: "consul",
          index: 1,
          endpoints: believed,
          ...(answered && { ageMs: 0 }),
          ...(state.silentMs !== undefined && { silentMs: state.silentMs, degraded: "it says nothing" }),
        }),
        suppose: (endpoints) => {
          if (!answered) say(endpoints);
        },
        close() {
          state.closed++;
          listener = undefined;
        },
      };
    },
  };
  const tell = (endpoints: readonly Endpoint[]): void => {
    answered = true;
    say(endpoints);
  };
  return { state, discovery, tell };
}
