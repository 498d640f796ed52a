import { attributeTags } from "./attribute-tags.ts";
import type { Origin } from "./collector.ts";
import { lengthDelimited, ProtobufWriter, varintSize } from "./protobuf-writer.ts";

/** Field numbers of opentelemetry-proto with their wire type, from the outside in; logs and traces have the same. */
const tag = {
  ofResource: 0x0a,
  resource: 0x0a,
  attribute: 0x0a,
  ofScope: 0x12,
  scope: 0x0a,
  scopeName: 0x0a,
  scopeVersion: 0x12,
};
/** What tags and lengths of the two outer layers take at most. */
const mostHead = 16;

/**
 * Makes the encoder of a batch as an OTLP request, in one buffer that is used again. The signals differ in their records alone:
 * `addRecord` writes one of them, and is told the epoch milliseconds at which the batch is encoded.
 */
export function createRecordEncoder<Item>(
  origin: Origin,
  addRecord: (out: ProtobufWriter, item: Item, now: number) => void,
): (items: readonly Item[]) => Uint8Array {
  const out = new ProtobufWriter();
  const [resource, scope] = [resourceOf(origin), scopeOf(origin)];
  const recordsAt = mostHead + resource.length + scope.length;

  return (items) => {
    const now = Date.now();
    out.at = recordsAt;
    for (const item of items) addRecord(out, item, now);
    const end = out.at;
    // How long the layers around the records are is known only now: they are written in front of them.
    const inScope = scope.length + end - recordsAt;
    const inResource = resource.length + 1 + varintSize(inScope) + inScope;
    const start = end - inResource - varintSize(inResource) - 1;
    out.at = start;
    out.byte(tag.ofResource);
    out.varint(inResource);
    out.raw(resource);
    out.byte(tag.ofScope);
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
        lengthDelimited(attributeTags.key, Buffer.from(name)),
        lengthDelimited(attributeTags.value, lengthDelimited(attributeTags.text, Buffer.from(String(value)))),
      ),
    ),
  );

const scopeOf = ({ scope: { name, version } }: Origin): Buffer =>
  lengthDelimited(
    tag.scope,
    lengthDelimited(tag.scopeName, Buffer.from(name)),
    ...(version === undefined ? [] : [lengthDelimited(tag.scopeVersion, Buffer.from(version))]),
  );
