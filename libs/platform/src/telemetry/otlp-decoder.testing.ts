import type { SpanValue } from "./compact-span.ts";

/** One span as a collector receives it. */
export interface ReceivedSpan {
  readonly resource: Readonly<Record<string, SpanValue>>;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly state: string;
  readonly name: string;
  /** As on the wire: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, SpanValue>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** As on the wire: 0 unset, 2 error. */
  readonly status: { readonly code: number; readonly message: string };
  readonly flags: number;
}

/** One log record as a collector receives it. */
export interface ReceivedLog {
  readonly resource: Readonly<Record<string, SpanValue>>;
  readonly scope: string;
  readonly nanos: bigint;
  readonly observedNanos: bigint;
  /** As on the wire: 5 debug, 9 info, 13 warn, 17 error, 0 unset. */
  readonly severity: number;
  readonly severityText: string;
  readonly body: SpanValue;
  readonly attributes: Readonly<Record<string, SpanValue>>;
  readonly traceId: string;
  readonly spanId: string;
}

/** The values of a protobuf message by field number, in order; lengths and fixed numbers as bytes, varints as bigints. */
type Message = Map<number, (Buffer | bigint)[]>;

/** Reads an `ExportTraceServiceRequest` by the field numbers of opentelemetry-proto; throws on bytes that are not one. */
export const decodeTraces = (bytes: Buffer): ReceivedSpan[] => decoded(bytes, spanOf);

/** The same of an `ExportLogsServiceRequest`, whose three outer layers are numbered alike. */
export const decodeLogs = (bytes: Buffer): ReceivedLog[] => decoded(bytes, logOf);

function decoded<T>(
  bytes: Buffer,
  itemOf: (item: Message, resource: ReceivedSpan["resource"], scope: string) => T,
): T[] {
  return messages(read(bytes), 1).flatMap((ofResource) => {
    const resource = attributesOf(messages(ofResource, 1)[0] ?? new Map(), 1);
    return messages(ofResource, 2).flatMap((ofScope) => {
      const scope = text(messages(ofScope, 1)[0] ?? new Map(), 1);
      return messages(ofScope, 2).map((item) => itemOf(item, resource, scope));
    });
  });
}

function logOf(log: Message, resource: ReceivedLog["resource"], scope: string): ReceivedLog {
  return {
    resource,
    scope,
    nanos: bytesOf(log, 1)?.readBigUInt64LE() ?? 0n,
    observedNanos: bytesOf(log, 11)?.readBigUInt64LE() ?? 0n,
    severity: Number(varint(log, 2)),
    severityText: text(log, 3),
    body: valueOf(messages(log, 5)[0]),
    attributes: attributesOf(log, 6),
    traceId: hex(log, 9),
    spanId: hex(log, 10),
  };
}

function spanOf(span: Message, resource: ReceivedSpan["resource"], scope: string): ReceivedSpan {
  const status = messages(span, 15)[0] ?? new Map();
  return {
    resource,
    scope,
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    state: text(span, 3),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(varint(span, 6)),
    startNanos: bytesOf(span, 7)?.readBigUInt64LE() ?? 0n,
    endNanos: bytesOf(span, 8)?.readBigUInt64LE() ?? 0n,
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    status: { code: Number(varint(status, 3)), message: text(status, 2) },
    flags: bytesOf(span, 16)?.readUInt32LE() ?? 0,
  };
}

const attributesOf = (message: Message, field: number): Record<string, SpanValue> =>
  Object.fromEntries(messages(message, field).map((pair) => [text(pair, 1), valueOf(messages(pair, 2)[0])]));

function valueOf(value: Message | undefined): SpanValue {
  if (!value) return "";
  if (value.has(2)) return varint(value, 2) !== 0n;
  if (value.has(3)) return Number(BigInt.asIntN(64, varint(value, 3)));
  return value.has(4) ? (bytesOf(value, 4)?.readDoubleLE() ?? 0) : text(value, 1);
}

const bytesOf = (message: Message, field: number): Buffer | undefined => {
  const value = message.get(field)?.[0];
  return Buffer.isBuffer(value) ? value : undefined;
};
const varint = (message: Message, field: number): bigint => {
  const value = message.get(field)?.[0];
  return typeof value === "bigint" ? value : 0n;
};
const text = (message: Message, field: number): string => bytesOf(message, field)?.toString() ?? "";
const hex = (message: Message, field: number): string => bytesOf(message, field)?.toString("hex") ?? "";
const messages = (message: Message, field: number): Message[] =>
  (message.get(field) ?? []).filter((value) => Buffer.isBuffer(value)).map(read);

function read(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - at)
      throw new RangeError(`protobuf: ${length} bytes wanted at ${at}, and there are fewer`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (): bigint => {
    for (let value = 0n, shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError(`protobuf: a number without an end at ${at}`);
  };
  while (at < bytes.length) {
    const tag = Number(number());
    const wire = tag & 7;
    if (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5)
      throw new RangeError(`protobuf: wire type ${wire} at ${at}`);
    const value = wire === 0 ? number() : take(wire === 1 ? 8 : wire === 5 ? 4 : Number(number()));
    const field = tag >>> 3;
    const values = message.get(field);
    if (values) values.push(value);
    else message.set(field, [value]);
  }
  return message;
}
