/** Writes protobuf into a buffer that is used again for the next message, and grows to the longest. */
export class ProtobufWriter {
  /** Replaced when `room` is asked for and there is too little. */
  bytes: Buffer;
  /** Where the next byte goes. */
  at = 0;

  constructor(size = 65_536) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Makes sure of room for so many more bytes: nothing else does. */
  room(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.at + more));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** A whole number that is not negative. */
  varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  fixed64(value: bigint): void {
    this.at = this.bytes.writeBigUInt64LE(value, this.at);
  }

  double(value: number): void {
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Once more what was written between two places. */
  again(from: number, to: number): void {
    this.bytes.copyWithin(this.at, from, to);
    this.at += to - from;
  }
}

/** How many bytes a number takes as varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** A field whose length is told: its tag, the length, and what is in it. */
export function lengthDelimited(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  const out = new ProtobufWriter(1 + varintSize(length) + length);
  out.byte(tag);
  out.varint(length);
  for (const piece of content) out.raw(piece);
  return out.bytes;
}
