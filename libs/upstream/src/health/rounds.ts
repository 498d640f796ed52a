interface Round<Result> {
  /** Asks once; it settles in any case, and at once when the signal says that nobody wants to know any more. */
  readonly ask: (signal: AbortSignal) => Promise<Result>;
  readonly tell: (result: Result) => void;
  /** Milliseconds until the next time it is asked. */
  readonly pause: () => number;
}

/** Asks again and again, never twice at a time, until it is closed; the first time after a pause as well. */
export function startRounds<Result>({ ask, tell, pause }: Round<Result>): { close(): void } {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => void (timer = setTimeout(() => void round(), pause()).unref());
  const round = async (): Promise<void> => {
    const result = await ask(over.signal);
    if (over.signal.aborted) return;
    tell(result);
    if (!over.signal.aborted) wait();
  };
  wait();
  return {
    close() {
      clearTimeout(timer);
      over.abort();
    },
  };
}
