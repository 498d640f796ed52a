import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@tandem/platform/testing";
import { closeTogether } from "./close-together.ts";

/** Two people, each at the far end of a socket that is joined to the other's. */
async function joined(t: TestContext, grace: number): Promise<{ ann: Socket; bob: Socket; near: Socket[] }> {
  const near: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => void near.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const [ann, bob] = [0, 1].map(() => connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {}));
  await until("both are connected", () => near.length === 2);
  const [first, second] = near;
  first!.pipe(second!).pipe(first!);
  closeTogether(first!, second!, grace);
  t.after(() => {
    for (const socket of [ann, bob, ...near]) socket?.destroy();
    server.close();
  });
  return { ann: ann!, bob: bob!, near };
}

test("one that is destroyed takes the other with it", async (t) => {
  const { ann, bob, near } = await joined(t, 10_000);
  const ended = once(bob.resume(), "end");
  ann.resetAndDestroy();
  await ended;
  await until("both are closed", () => near.every(({ closed }) => closed));
});

test("what was sent before the end arrives, however slowly it is read", async (t) => {
  const { ann, bob } = await joined(t, 10_000);
  const sent = Buffer.alloc(4 * 1024 * 1024, "x");
  ann.end(sent);
  await sleep(100);
  let read = 0;
  for await (const piece of bob) {
    read += (piece as Buffer).length;
    if (read < 400_000) await sleep(5);
  }
  assert.equal(read, sent.length);
});

test("one that does not close after the other's end is closed in the end", async (t) => {
  const { ann, bob, near } = await joined(t, 1_000);
  ann.end("bye");
  assert.equal(String((await once(bob, "data"))[0]), "bye");
  await sleep(30);
  assert.ok(near.some(({ destroyed }) => !destroyed));
  await until("both are closed", () => near.every(({ closed }) => closed));
});

test("one that never takes what was sent does not keep its connection for ever", async () => {
  const stuck = new Duplex({ read() {}, write() {} });
  const gone = new Duplex({ read() {} });
  closeTogether(gone, stuck, 500);
  stuck.write("never taken");
  gone.destroy();
  await sleep(20);
  assert.equal(stuck.destroyed, false);
  await until("it is closed", () => stuck.destroyed);
});
