import assert from "node:assert/strict";
import test from "node:test";
import { BatchWriter } from "./batch-writer.ts";

/** A reader that takes a write only when it is told to. */
function stallingSink() {
  const written: string[] = [];
  const waiting: ((error?: Error | null) => void)[] = [];
  const failing: ((error: Error) => void)[] = [];
  return {
    written,
    write(text: string, done: (error?: Error | null) => void) {
      written.push(text);
      waiting.push(done);
    },
    on(_: "error", listener: (error: Error) => void) {
      failing.push(listener);
    },
    take: (error?: Error) => waiting.shift()?.(error),
    fail: (error: Error) => failing.forEach((listener) => listener(error)),
  };
}

const report = (dropped: number): string => `dropped ${dropped}`;

test("lines wait for a while and go together", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sink = stallingSink();
  const writer = new BatchWriter(sink, { report });
  writer.push("a");
  writer.push("b");
  t.mock.timers.tick(49);
  assert.deepEqual(sink.written, []);
  t.mock.timers.tick(1);
  assert.deepEqual(sink.written, ["a\nb\n"]);
});

test("as many lines as a write may hold go at once, and never more", () => {
  const sink = stallingSink();
  const writer = new BatchWriter(sink, { report, maxLines: 3 });
  for (const line of "abcdefgh") writer.push(line);
  assert.deepEqual(sink.written, ["a\nb\nc\n"]);
  sink.take();
  assert.deepEqual(sink.written.at(-1), "d\ne\nf\n");
  sink.take();
  assert.equal(sink.written.length, 2, "the rest waits for company");
});

test("while a write is under way there is no other", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sink = stallingSink();
  const writer = new BatchWriter(sink, { report });
  writer.push("a");
  t.mock.timers.tick(50);
  writer.push("b");
  t.mock.timers.tick(500);
  assert.deepEqual(sink.written, ["a\n"]);
  sink.take();
  t.mock.timers.tick(50);
  assert.deepEqual(sink.written, ["a\n", "b\n"]);
});

test("a reader that stalls costs lines, counts them, and is told when it reads again", () => {
  const sink = stallingSink();
  const writer = new BatchWriter(sink, { report, maxLines: 2, maxBuffered: 10 });
  writer.push("xx");
  writer.push("xx");
  for (let at = 0; at < 1000; at += 1) writer.push("yyyyy");
  writer.push("z".repeat(50), 7);
  assert.equal(writer.dropped, 998 + 7);
  assert.deepEqual(sink.written, ["xx\nxx\n"]);
  sink.take();
  assert.deepEqual(sink.written.at(-1), "dropped 1005\nyyyyy\nyyyyy\n");
  sink.take();
  writer.push("a");
  writer.push("b");
  assert.deepEqual(sink.written.at(-1), "a\nb\n", "told once");
});

test("a reader that is gone ends nothing, and everything is counted", () => {
  const sink = stallingSink();
  const writer = new BatchWriter(sink, { report, maxLines: 1 });
  writer.push("a");
  writer.push("b");
  const error = new Error("EPIPE");
  sink.take(error);
  sink.fail(error);
  sink.take(error);
  writer.push("c");
  assert.equal(writer.dropped, 3);
});

test("closing writes the rest and then takes nothing more", async () => {
  const sink = stallingSink();
  const writer = new BatchWriter(sink, { report, maxLines: 2 });
  for (const line of "abc") writer.push(line);
  const closed = writer.close(5000);
  sink.take();
  sink.take();
  await closed;
  assert.deepEqual(sink.written, ["a\nb\n", "c\n"]);
  writer.push("d");
  assert.equal(writer.dropped, 1);
});

test("closing does not wait for ever for a reader that stalls", async () => {
  const sink = stallingSink();
  const writer = new BatchWriter(sink, { report, maxLines: 1 });
  writer.push("a");
  writer.push("b");
  const start = performance.now();
  await writer.close(30);
  assert.ok(performance.now() - start < 1000);
  assert.equal(writer.dropped, 1);
});

test("closing an idle writer is at once", async () => {
  await new BatchWriter(stallingSink(), { report }).close(60_000);
});

test("what goes wrong is told once, and that it is over once all that waited is written", () => {
  const sink = stallingSink();
  const told: (string | undefined)[] = [];
  const onChange = (reason: string | undefined) => void told.push(reason);
  const writer = new BatchWriter(sink, { report, maxLines: 1, maxBuffered: 2, onChange });
  for (const line of "abcde") writer.push(line);
  assert.deepEqual(told, ["it takes lines more slowly than they come"]);
  sink.take();
  assert.equal(told.length, 1, "something waits still");
  sink.take();
  sink.take();
  assert.deepEqual(told.slice(1), [undefined]);
  writer.push("f");
  sink.take(Object.assign(new Error("full"), { code: "ENOSPC" }));
  writer.push("g");
  sink.take(Object.assign(new Error("full"), { code: "ENOSPC" }));
  assert.deepEqual(told.slice(2), ["ENOSPC"]);
  writer.push("h");
  sink.take();
  assert.deepEqual([told.slice(3), writer.written, writer.dropped], [[undefined], 4, 4]);
});
