import type { Logger } from "../log/logger.ts";
import { createCollector, type CollectorOptions } from "./collector.ts";
import type { CompactSpan } from "./compact-span.ts";

export interface SpanExporterOptions extends CollectorOptions {
  readonly logger: Pick<Logger, "info" | "warn">;
  /** Spans that may wait; those that come when it is full are dropped. */
  readonly queue?: number;
  /** Spans of one export: encoding 128 holds the event loop up for about a millisecond. Four times as many while the queue fills. */
  readonly batch?: number;
  /** Milliseconds that a span may wait for company. */
  readonly every?: number;
}

/** Sends spans to a collector, and never makes anybody wait for it. */
export interface SpanExporter {
  readonly exported: number;
  /** Lost to a full queue, to a collector that failed, or to a shutdown that ran out of time. */
  readonly dropped: number;
  export(spans: readonly CompactSpan[]): void;
  /** Sends what waits, for as long as it may, then lets go of the connection. */
  shutdown(within?: number): Promise<void>;
}

type State = "well" | "failing" | "behind";

/** Opens an exporter; a collector that is slow, gone or wrong costs spans, never requests. */
export function createSpanExporter(options: SpanExporterOptions): SpanExporter {
  const { logger, queue: room = 16_384, batch: size = 128, every = 1000 } = options;
  const collector = createCollector(options);
  const waiting: CompactSpan[] = [];
  let exported = 0;
  let dropped = 0;
  let state: State = "well";
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let urgent = false;
  let closed = false;

  /** One line per change: a collector that is gone for an hour is two lines, not four thousand. */
  const become = (next: State, reason?: string): void => {
    if (next === state) return;
    state = next;
    const fields = { url: collector.shownUrl, dropped, ...(reason && { reason }) };
    if (next === "well") logger.info("spans are exported again", fields);
    else if (next === "failing") logger.warn("spans cannot be exported", fields);
    else logger.warn("the collector is slower than the traffic, spans are dropped", fields);
  };

  const sendBatch = async (within?: number): Promise<void> => {
    const spans = waiting.splice(0, waiting.length > room / 8 ? size * 4 : size);
    const failure = await collector.send(spans, within);
    if (failure !== undefined) {
      dropped += spans.length;
      become("failing", failure);
      return;
    }
    exported += spans.length;
    if (state === "failing" || waiting.length === 0) become("well");
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

  /** A full batch goes once the requests of this turn are served; fewer spans wait for company. */
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
    export(spans) {
      if (closed || waiting.length + spans.length > room) {
        dropped += spans.length;
        if (state === "well" && !closed) become("behind");
        return;
      }
      for (const span of spans) waiting.push(span);
      schedule();
    },
    async shutdown(within = 2000) {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      const end = performance.now() + within;
      const before = dropped;
      if (sending) await Promise.race([sending, wait(within)]);
      while (waiting.length > 0 && performance.now() < end) await sendBatch(end - performance.now());
      dropped += waiting.splice(0).length;
      if (dropped > before) logger.warn("spans were lost at shutdown", { lost: dropped - before });
      collector.close();
    },
  };
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
