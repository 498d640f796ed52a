import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtobufWriter } from "./protobuf-writer.ts";

test("a message that moves on, because its length takes more bytes, finds room for that", () => {
  for (const length of [127, 128, 16_383, 16_384]) {
    const out = new ProtobufWriter(1 + length);
    const content = Buffer.alloc(length, "abc");
    const start = out.begin();
    out.raw(content);
    out.end(start);
    const written = out.bytes.subarray(0, out.at);
    const head = new ProtobufWriter();
    head.varint(length);
    assert.deepEqual(written, Buffer.concat([head.bytes.subarray(0, head.at), content]));
  }
});
