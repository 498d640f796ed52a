import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { closeFrame } from "./close-frame.ts";
import { FrameFollower } from "./frame-follower.ts";
import { frame } from "./frame.testing.ts";

const opcodes = [0x0, 0x1, 0x2, 0x9, 0xa];
const sizes = [0, 1, 125, 126, 127, 300, 65_535, 65_536, 70_000];
const control = (opcode: number): boolean => opcode >= 8;

/** A frame that could occur, small enough where it has to be. */
function anyFrame(masked: boolean): Buffer {
  const opcode = opcodes[randomInt(opcodes.length)]!;
  const size = control(opcode) ? randomInt(126) : sizes[randomInt(sizes.length)]!;
  return frame(opcode, Buffer.alloc(size, 0xff), { masked, fin: control(opcode) || randomInt(2) === 0 });
}

/** The bytes in pieces, cut at random places. */
function cut(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + randomInt(randomInt(2) === 0 ? 4 : 40_000);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

for (const masked of [true, false])
  test(`random frames cut at random places end where they end, ${masked ? "masked" : "bare"}`, () => {
    for (let turn = 0; turn < 150; turn++) {
      const frames = Array.from({ length: 1 + randomInt(12) }, () => anyFrame(masked));
      const ends = new Set<number>();
      let total = 0;
      for (const { length } of frames) ends.add((total += length));
      const follower = new FrameFollower({ masked });
      const found = new Set<number>();
      let seen = 0;
      for (const piece of cut(Buffer.concat(frames))) {
        for (let at = 0; at < piece.length;) {
          const next = follower.step(piece, at);
          assert.ok(next > at);
          seen += next - at;
          at = next;
          if (follower.atBoundary) found.add(seen);
        }
      }
      assert.deepEqual(found, ends);
      assert.deepEqual([seen, follower.lost, follower.closed], [total, false, false]);
    }
  });

test("random bytes never make it throw, and once lost it stays lost", () => {
  for (let turn = 0; turn < 500; turn++) {
    const follower = new FrameFollower({ masked: turn % 2 === 0 });
    for (let piece = 0; piece < 20; piece++) {
      const before = follower.lost;
      const bytes = Buffer.from(Array.from({ length: randomInt(1, 30) }, () => randomInt(256)));
      assert.ok(follower.step(bytes, 0) > 0);
      follower.follow(bytes);
      assert.ok(follower.lost || !before);
    }
  }
});

const masked = true;
const none = Buffer.alloc(0);
const invalid: { name: string; bytes: Buffer; masked: boolean }[] = [
  { name: "a meaningless opcode", bytes: frame(0x3, none, { masked }), masked },
  { name: "a meaningless control opcode", bytes: frame(0xb, none, { masked }), masked },
  { name: "a long ping", bytes: frame(0x9, Buffer.alloc(126), { masked }), masked },
  { name: "half a close frame", bytes: frame(0x8, none, { masked, fin: false }), masked },
  { name: "a bare frame of the client", bytes: frame(0x1, none, { masked: false }), masked },
  { name: "a masked frame of the service", bytes: frame(0x1, none, { masked }), masked: false },
  { name: "a length of 2^63", bytes: Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), masked: false },
  { name: "text that is no frame", bytes: Buffer.from("GET / HTTP/1.1\r\n"), masked },
];
for (const { name, bytes, masked: side } of invalid)
  test(`${name} is no framing`, () => {
    const follower = new FrameFollower({ masked: side });
    follower.follow(bytes);
    assert.deepEqual([follower.lost, follower.closed], [true, false]);
  });

for (const side of [true, false])
  test(`our own close frame is one, ${side ? "masked" : "bare"}`, () => {
    const follower = new FrameFollower({ masked: side });
    const bytes = closeFrame("idle", { masked: side });
    follower.follow(bytes.subarray(0, 3));
    assert.equal(follower.closed, false);
    follower.follow(bytes.subarray(3));
    assert.deepEqual([follower.closed, follower.atBoundary, follower.lost], [true, true, false]);
    if (!side) assert.deepEqual([bytes.readUInt16BE(2), bytes.toString("utf8", 4)], [1001, "idle"]);
  });
