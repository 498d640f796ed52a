import type { Origin } from "./collector.ts";
import type { CompactSpan } from "./compact-span.ts";
import { createRecordEncoder } from "./record-encoder.ts";
import { addSpanRecord } from "./span-record.ts";

/** Makes the encoder of spans as an `ExportTraceServiceRequest`: to dress them for the SDK and have that encoded costs several times as much. */
export const createSpanEncoder = (origin: Origin): ((spans: readonly CompactSpan[]) => Uint8Array) =>
  createRecordEncoder(origin, addSpanRecord);
