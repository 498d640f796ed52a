import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { BoundedBody } from "./bounded-body.ts";

const tooLarge = (): Error => new Error("too large");
const bounded = (source: Readable, limit = 10): BoundedBody => new BoundedBody(source, limit, tooLarge);

async function textOf(body: Readable): Promise<string> {
  let text = "";
  for await (const chunk of body) text += String(chunk);
  return text;
}

test("a body within the limit comes through whole", async () => {
  assert.equal(await textOf(bounded(Readable.from([Buffer.from("01234"), Buffer.from("56789")]))), "0123456789");
});

test("an empty body ends", async () => {
  assert.equal(await textOf(bounded(Readable.from([]))), "");
});

test("one byte too many is an error, not an end", async () => {
  const body = bounded(Readable.from([Buffer.from("01234"), Buffer.from("567890")]));
  const seen: string[] = [];
  body.on("data", (chunk: Buffer) => seen.push(String(chunk)));
  body.on("end", () => seen.push("end"));
  const [error] = await once(body, "error");
  assert.equal(error.message, "too large");
  assert.deepEqual(seen, ["01234"]);
});

test("the source is not touched before the body is read", async () => {
  const source = new PassThrough();
  bounded(source);
  source.write("01234");
  await turn();
  assert.equal(source.readableFlowing, null);
  assert.equal(source.listenerCount("data"), 0);
});

test("a slow reader makes the source wait", async () => {
  const source = new PassThrough({ highWaterMark: 1 });
  const body = bounded(source, 1 << 20);
  body.read(0);
  let written = 0;
  while (source.write(Buffer.alloc(4096)) && written < 100) written++;
  await turn();
  source.write(Buffer.alloc(1 << 19));
  await turn();
  assert.ok(source.isPaused());
  const held = body.readableLength;
  source.write(Buffer.alloc(4096));
  await turn();
  assert.equal(body.readableLength, held, "nothing more is taken while nobody reads");
  body.resume();
  await turn();
  assert.ok(!source.isPaused());
});

test("a source that breaks off breaks the body off", async () => {
  const source = new PassThrough();
  const text = textOf(bounded(source));
  source.write("0123");
  await turn();
  source.destroy();
  await assert.rejects(text, /broke off/);
});

test("a source that fails hands its error on", async () => {
  const source = new PassThrough();
  const text = textOf(bounded(source));
  await turn();
  source.destroy(new Error("ECONNRESET"));
  await assert.rejects(text, /ECONNRESET/);
});

test("a source that was gone before the first read is an error", async () => {
  const source = new PassThrough();
  source.destroy();
  await assert.rejects(textOf(bounded(source)), /broke off/);
});

test("a reader that gives up leaves the source open and waiting", async () => {
  const source = new PassThrough();
  const body = bounded(source);
  body.resume();
  source.write("0123");
  await turn();
  body.destroy();
  await turn();
  assert.ok(!source.destroyed);
  assert.ok(source.isPaused());
  source.destroy(new Error("later"));
  await turn();
});
