import type { Logger } from "../log/logger.ts";
import type { Collector } from "./collector.ts";

/** What can be set where things of any kind are exported. */
export interface ExportOptions {
  readonly logger: Pick<Logger, "info" | "warn">;
  /** How much may wait; what comes when it is full is dropped. */
  readonly queue?: number;
  /** Things of one export, four times as many while the queue fills. */
  readonly batch?: number;
  /** Milliseconds that something may wait for company. */
  readonly every?: number;
}

interface QueueOptions<Item> extends Required<ExportOptions> {
  /** In the plural, as reports name them. */
  readonly what: string;
  readonly collector: Collector<Item>;
  /** How much room one takes, where it is not simply one. */
  readonly weigh?: (item: Item) => number;
  /** How many characters one has; what is short in any need not count. */
  readonly lengthOf: (item: Item) => number;
}

/** Characters of one export: collectors refuse the whole of what is too long, and a client may see to it that all is long. */
const longest = 2_097_152;

/** Sends things of one kind to a collector, and never makes anybody wait for it. */
export interface ExportQueue<Item> {
  readonly exported: number;
  /** Lost to a full queue, to a collector that failed or refused, or to a shutdown that ran out of time. */
  readonly dropped: number;
  export(items: readonly Item[]): void;
  /** Sends what waits, for as long as it may, then lets go of the connection. */
  shutdown(within?: number): Promise<void>;
}

type State = "well" | "failing" | "behind";

/** Opens a queue; a collector that is slow, gone or wrong costs what waits in it, never a request. */
export function createExportQueue<Item>(options: QueueOptions<Item>): ExportQueue<Item> {
  const { what, collector, logger, queue: room, batch: size, every, weigh = () => 1, lengthOf } = options;
  const waiting: Item[] = [];
  let weight = 0;
  let exported = 0;
  let dropped = 0;
  let state: State = "well";
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let urgent = false;
  let closed = false;
  let underWay = 0;

  /** One line per change: a collector that is gone for an hour is two lines, not four thousand. */
  const become = (next: State, reason?: string): void => {
    if (next === state) return;
    state = next;
    const fields = { url: collector.shownUrl, dropped, ...(reason && { reason }) };
    if (next === "well") logger.info(`${what} are exported again`, fields);
    else if (next === "failing") logger.warn(`${what} cannot be exported`, fields);
    else logger.warn(`the collector is slower than the traffic, ${what} are dropped`, fields);
  };

  /** At least one, however long it is. */
  const takeBatch = (): Item[] => {
    const most = Math.min(weight > room / 8 ? size * 4 : size, waiting.length);
    let count = 1;
    let length = lengthOf(waiting[0]!);
    while (count < most && (length += lengthOf(waiting[count]!)) <= longest) count++;
    return waiting.splice(0, count);
  };

  const sendBatch = async (within?: number): Promise<void> => {
    const items = takeBatch();
    for (const item of items) weight -= weigh(item);
    underWay = items.length;
    const { lost, reason } = (await collector.send(items, within)) ?? { lost: 0 };
    // A shutdown has given it up meanwhile, and counted it.
    if (underWay === 0) return;
    underWay = 0;
    dropped += lost;
    exported += items.length - lost;
    if (lost > 0) become("failing", reason);
    else if (state === "failing" || waiting.length === 0) become("well");
  };

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    urgent = false;
    if (sending || closed || waiting.length === 0) return;
    sending = sendBatch().finally(() => {
      sending = undefined;
      schedule();
    });
  };

  /** A full batch goes once the requests of this turn are served; fewer things wait for company. */
  const schedule = (): void => {
    if (closed || sending || urgent || waiting.length === 0) return;
    if (waiting.length >= size) {
      urgent = true;
      setImmediate(flush);
    } else timer ??= setTimeout(flush, every).unref();
  };

  return {
    get exported() {
      return exported;
    },
    get dropped() {
      return dropped;
    },
    export(items) {
      let more = 0;
      for (const item of items) more += weigh(item);
      if (closed || weight + more > room) {
        dropped += items.length;
        if (state === "well" && !closed) become("behind");
        return;
      }
      weight += more;
      for (const item of items) waiting.push(item);
      schedule();
    },
    async shutdown(within = 2000) {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      const end = performance.now() + within;
      const before = dropped;
      if (sending) await Promise.race([sending, wait(within)]);
      // A batch that is still under way had all the time there was.
      const isFree = underWay === 0;
      if (isFree) while (waiting.length > 0 && performance.now() < end) await sendBatch(end - performance.now());
      dropped += waiting.splice(0).length + underWay;
      underWay = 0;
      if (dropped > before) logger.warn(`${what} were lost at shutdown`, { lost: dropped - before });
      collector.close();
    },
  };
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
