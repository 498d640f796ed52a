import type { Origin } from "./collector.ts";
import { addLineRecord } from "./line-record.ts";
import { createRecordEncoder } from "./record-encoder.ts";

/**
 * Makes the encoder of finished lines as an `ExportLogsServiceRequest`: every request has a line, and to read it again, dress it
 * for the SDK and have that encoded costs several times as much.
 */
export const createLineEncoder = (origin: Origin): ((lines: readonly string[]) => Uint8Array) =>
  createRecordEncoder(origin, addLineRecord);
