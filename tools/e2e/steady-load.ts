import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../bench/figures.ts";
import { ask } from "./http.ts";

/** What a steady load has seen when it is told to stop. */
export interface Seen {
  readonly asked: number;
  /** Every answer that was not 200, in words. */
  readonly failures: readonly string[];
  /** How long each answer took, in milliseconds. */
  readonly latencies: readonly number[];
}

/** Four callers that ask up to fifty times a second each, two on kept connections and two on new ones, until told to stop. */
export function startLoad(
  t: TestContext,
  url: string,
  headers: Record<string, string> = {},
): { stop(): Promise<Seen> } {
  const stopping = new AbortController();
  const failures: string[] = [];
  const latencies: number[] = [];
  let asked = 0;
  const call = async (fresh: boolean): Promise<void> => {
    while (!stopping.signal.aborted) {
      asked++;
      const began = performance.now();
      const failure = await ask(url, { headers, fresh }).then(
        ({ status, text }) => (status === 200 ? undefined : `${status} ${text}`),
        (error: unknown) => String(error),
      );
      latencies.push(performance.now() - began);
      if (failure) failures.push(failure);
      await sleep(20);
    }
  };
  const callers = [false, false, true, true].map(call);
  // A test that fails must not leave it running.
  t.after(() => stopping.abort());
  return {
    async stop() {
      stopping.abort();
      await Promise.all(callers);
      return { asked, failures, latencies };
    },
  };
}

/** The same in short, for comparing one time with another. */
export interface SeenInShort extends Pick<Seen, "asked" | "failures"> {
  readonly middle: number;
  readonly slowest: number;
}

/** What a steady load sees while something happens. */
export async function seenWhile(
  t: TestContext,
  happens: () => Promise<unknown>,
  { url, headers }: { readonly url: string; readonly headers?: Record<string, string> },
): Promise<SeenInShort> {
  const load = startLoad(t, url, headers);
  await happens();
  const { asked, failures, latencies } = await load.stop();
  return { asked, failures, middle: median(latencies), slowest: Math.max(...latencies) };
}
