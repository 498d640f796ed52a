interface FrameOptions {
  readonly masked: boolean;
  /** Default: true. */
  readonly fin?: boolean;
}

/** One frame of RFC 6455. */
export function frame(opcode: number, payload: Buffer, { masked, fin = true }: FrameOptions): Buffer {
  const { length } = payload;
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (extended.length > 0) extended.writeUIntBE(length, extended.length === 2 ? 0 : 2, extended.length === 2 ? 2 : 6);
  const start = Buffer.from([
    (fin ? 0x80 : 0) | opcode,
    (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127),
  ]);
  const mask = Buffer.from([0x5a, 0xa5, 0x0f, 0xf0]);
  const sent = masked ? Buffer.from(payload.map((byte, index) => byte ^ mask[index % 4]!)) : payload;
  return Buffer.concat([start, extended, ...(masked ? [mask] : []), sent]);
}
