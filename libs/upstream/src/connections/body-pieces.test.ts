import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { BodyPieces } from "./body-pieces.ts";

test("a body comes in pieces, in their order, to its end", async () => {
  const pieces: string[] = [];
  for await (const piece of new BodyPieces(Readable.from([Buffer.from("a"), Buffer.from("b"), Buffer.from("c")])))
    pieces.push(String(piece));
  assert.deepEqual(pieces, ["a", "b", "c"]);
});

test("it is paused between two pieces, flows while somebody waits, and lives on when nobody asks any more", async () => {
  const body = new PassThrough();
  const pieces = new BodyPieces(body);
  body.write("a");
  assert.equal(String((await pieces.next()).value), "a");
  body.write("b");
  await turn();
  assert.equal(body.isPaused(), true);
  assert.equal(String((await pieces.next()).value), "b");
  const waiting = pieces.next();
  await turn();
  assert.equal(body.isPaused(), false);
  body.end("c");
  assert.equal(String((await waiting).value), "c");
  assert.equal(body.destroyed, false);
  assert.equal((await pieces.next()).done, true);
});

for (const when of ["before", "while"] as const)
  test(`a body that breaks off ${when} somebody asks fails with its own error`, async () => {
    const body = new PassThrough();
    const pieces = new BodyPieces(body);
    const broken = new Error("broken off");
    if (when === "before") {
      body.destroy(broken);
      await turn();
    }
    const waiting = pieces.next();
    body.destroy(broken);
    await assert.rejects(waiting, broken);
  });

for (const when of ["before", "after"] as const)
  test(`a body that closes without an end ${when} somebody looks is no whole one`, async () => {
    const body = new PassThrough();
    let broken = false;
    if (when === "before") body.destroy();
    const waiting = new BodyPieces(body, () => (broken = true)).next();
    if (when === "after") body.destroy();
    await assert.rejects(waiting, /broken off/);
    assert.equal(broken, when === "after");
  });
