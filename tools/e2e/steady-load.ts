import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./http.ts";

/** What a steady load has seen when it is told to stop. */
export interface Seen {
  readonly asked: number;
  /** Every answer that was not 200, in words. */
  readonly failures: readonly string[];
}

/** Four callers that ask fifty times a second each, until told to stop. */
export function startLoad(url: string, headers: Record<string, string>): { stop(): Promise<Seen> } {
  const stopping = new AbortController();
  const failures: string[] = [];
  let asked = 0;
  const call = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      asked++;
      const failure = await ask(url, { headers }).then(
        ({ status, text }) => (status === 200 ? undefined : `${status} ${text}`),
        (error: unknown) => String(error),
      );
      if (failure) failures.push(failure);
      await sleep(20);
    }
  };
  const callers = [call(), call(), call(), call()];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(callers);
      return { asked, failures };
    },
  };
}
