import assert from "node:assert/strict";
import { test } from "node:test";
import { HeldBytes } from "@tandem/kernel/held-bytes";
import { serve } from "@tandem/kernel/testing";
import { ask, until } from "@tandem/platform/testing";
import { instanceAt, rawUpstream } from "../exchange/testing.ts";
import { mirrored } from "./testing.ts";

test("a body is counted once while a request and its copy have it, and no more when both have ended", async (t) => {
  const hung = instanceAt(t, await rawUpstream(t, () => {}));
  const heldBytes = new HeldBytes(15);
  const { gateway, counts, asked, close } = await mirrored(t, [hung], { heldBytes });
  const port = await serve(t, gateway);
  const post = { method: "POST", body: "0123456789", headers: { "content-length": "10" } };
  assert.equal((await ask(port, "/", post)).text, "real");
  await until("the request has ended", () => gateway.inFlight === 0);
  assert.deepEqual([heldBytes.now, counts().inFlight], [10, 1]);
  assert.equal((await ask(port, "/", post)).text, "real");
  const { sent, dropped } = counts();
  assert.deepEqual({ sent, dropped }, { sent: 1, dropped: 1 }, "without room there is no copy");
  assert.deepEqual(
    asked.map(({ body }) => body),
    ["0123456789", "0123456789"],
  );
  close();
  await until("nothing is held", () => heldBytes.now === 0);
});
