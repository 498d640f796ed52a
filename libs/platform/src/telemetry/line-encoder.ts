import type { Origin } from "./collector.ts";
import { addRecord } from "./line-record.ts";
import { lengthDelimited, ProtobufWriter, varintSize } from "./protobuf-writer.ts";

/** Field numbers of opentelemetry-proto with their wire type, from the outside in. */
const tag = {
  resourceLogs: 0x0a,
  resource: 0x0a,
  attribute: 0x0a,
  scopeLogs: 0x12,
  scope: 0x0a,
  scopeName: 0x0a,
  scopeVersion: 0x12,
};
const pair = { key: 0x0a, value: 0x12, text: 0x0a };
/** What tags and lengths of the two outer layers take at most. */
const most = 16;

/**
 * Makes the encoder of finished lines as an `ExportLogsServiceRequest`, by hand and in one buffer: every request has a line, and
 * to read it again, dress it for the SDK and have that encoded costs more than three times as much.
 */
export function createLineEncoder(origin: Origin): (lines: readonly string[]) => Uint8Array {
  const out = new ProtobufWriter();
  const [resource, scope] = [resourceOf(origin), scopeOf(origin)];
  const recordsAt = most + resource.length + scope.length;

  return (lines) => {
    const now = Date.now();
    out.at = recordsAt;
    for (const line of lines) addRecord(out, line, now);
    const end = out.at;
    // How long the layers around the records are is known only now: they are written in front of them.
    const inScope = scope.length + end - recordsAt;
    const inResource = resource.length + 1 + varintSize(inScope) + inScope;
    const start = end - inResource - varintSize(inResource) - 1;
    out.at = start;
    out.byte(tag.resourceLogs);
    out.varint(inResource);
    out.raw(resource);
    out.byte(tag.scopeLogs);
    out.varint(inScope);
    out.raw(scope);
    // The buffer is written over by the next batch, while this one may still be repeated.
    const message = Buffer.allocUnsafeSlow(end - start);
    out.bytes.copy(message, 0, start, end);
    return message;
  };
}

const resourceOf = ({ resource }: Origin): Buffer =>
  lengthDelimited(
    tag.resource,
    ...Object.entries(resource.attributes).map(([name, value]) =>
      lengthDelimited(
        tag.attribute,
        lengthDelimited(pair.key, Buffer.from(name)),
        lengthDelimited(pair.value, lengthDelimited(pair.text, Buffer.from(String(value)))),
      ),
    ),
  );

const scopeOf = ({ scope: { name, version } }: Origin): Buffer =>
  lengthDelimited(
    tag.scope,
    lengthDelimited(tag.scopeName, Buffer.from(name)),
    ...(version === undefined ? [] : [lengthDelimited(tag.scopeVersion, Buffer.from(version))]),
  );
