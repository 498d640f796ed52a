/** Up to here a loop of ours is no slower than a call into Node; the length of such a text takes one byte. */
const shortText = 32;
/** What the tag and the length of a text take at most. */
const mostHead = 6;

/** Writes protobuf into a buffer that is used again for the next message, and grows to the longest. */
export class ProtobufWriter {
  /** Replaced when `room` is asked for and there is too little. */
  bytes: Buffer;
  /** Where the next byte goes. */
  at = 0;

  constructor(size = 65_536) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Makes sure of room for so many more bytes: nothing else does, but `text` and `end` for what they write themselves. */
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

  /** Any whole number of 64 bits; a negative one takes ten bytes, as two's complement does. */
  int64(value: number): void {
    if (value >= 0) return this.varint(value);
    let rest = value;
    for (let group = 0; group < 9; group++) {
      const above = Math.floor(rest / 0x80);
      this.byte((rest - above * 0x80) | 0x80);
      rest = above;
    }
    this.byte(1);
  }

  /** The lower 32 bits of a whole number, from 0 on. */
  fixed32(value: number): void {
    this.byte(value);
    this.byte(value >>> 8);
    this.byte(value >>> 16);
    this.byte(value >>> 24);
  }

  double(value: number): void {
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  /** A text behind its tag and its length; half a surrogate pair becomes the character for what is unreadable. */
  text(tag: number, value: string): void {
    const { length } = value;
    // A character is three bytes at most.
    this.room(mostHead + 3 * length);
    this.byte(tag);
    if (length <= shortText && this.#ascii(value)) return;
    const start = this.begin();
    this.at += this.bytes.write(value, this.at);
    this.end(start);
  }

  /** Writes nothing where there is more than ASCII. */
  #ascii(value: string): boolean {
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = value.length;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.at = at;
    return true;
  }

  /** Leaves the byte for a length that is known when all is written: `end` wants the place. */
  begin(): number {
    return this.at++;
  }

  /** Tells the length of what came since; what is longer than one byte tells moves on. */
  end(start: number): void {
    const length = this.at - start - 1;
    if (length <= 0x7f) {
      this.bytes[start] = length;
      return;
    }
    const more = varintSize(length) - 1;
    this.room(more);
    this.bytes.copyWithin(start + 1 + more, start + 1, this.at);
    this.at = start;
    this.varint(length);
    this.at += length;
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
