/** How long after trouble it is asked again, at most, in milliseconds. */
const longestPause = 8_000;

/** Whether polls run: never while nobody sees the page, and not while a person holds it still. */
export interface Attention {
  readonly awake: boolean;
  /** Resolves when it is, or becomes, awake. */
  whenAwake(): Promise<void>;
  hold(still: boolean): void;
}

/** Follows the tab: a hidden one asks nothing, and asks at once when it is seen again. */
export function createAttention(): Attention {
  let still = false;
  let waiting: (() => void)[] = [];
  const isAwake = (): boolean => !still && !document.hidden;
  const wake = (): void => {
    if (!isAwake()) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  document.addEventListener("visibilitychange", wake);
  return {
    get awake() {
      return isAwake();
    },
    whenAwake: () => (isAwake() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    hold(wanted) {
      still = wanted;
      wake();
    },
  };
}

interface Pace {
  /** Milliseconds between an answer and the next question. */
  readonly every: number;
  readonly attention: Attention;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Does something over and over, one at a time; each failure doubles the pause until it works again. The task tells of its failure itself, and gives whether it went well. */
export async function poll(task: () => Promise<boolean>, { every, attention, signal }: Pace): Promise<void> {
  let pause = every;
  while (!signal.aborted) {
    await attention.whenAwake();
    if (signal.aborted) return;
    pause = (await task()) ? every : Math.min(longestPause, pause * 2);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
