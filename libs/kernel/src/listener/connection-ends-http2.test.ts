import assert from "node:assert/strict";
import { once } from "node:events";
import { constants } from "node:http2";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { ask, dial, listening, serverMaterial, session, type Listening } from "./testing.ts";

const never: Stage = { name: "never", run: (exchange) => exchange.act("nothing", () => {}) };

async function h2(t: TestContext, wanted: Parameters<typeof listening>[1] = {}) {
  const served = await listening(t, { tls: serverMaterial, ...wanted });
  return { ...served, client: session(t, served.port) };
}
const only = async ({ closed }: Pick<Listening, "closed">) => {
  const [event] = await closed(1);
  return [event?.end, event?.detail, event?.requests, event?.protocol];
};

test("over HTTP/2 a client that says goodbye is told", async (t) => {
  const served = await h2(t);
  await ask(served.client, { ":path": "/" });
  await ask(served.client, { ":path": "/" });
  served.client.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.deepEqual(await only(served), ["goaway", "ENHANCE_YOUR_CALM", 2, "h2"]);
});

test("over HTTP/2 a client that only closes is told", async (t) => {
  const served = await listening(t, { tls: serverMaterial });
  const line = dial(t, served.port, { ALPNProtocols: ["h2"] });
  // The preface, and an empty SETTINGS frame.
  line.socket.end(
    Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.from("000000040000000000", "hex")]),
  );
  assert.deepEqual(await only(served), ["client-closed", undefined, 0, "h2"]);
});

for (const { name, limits, asks, end } of [
  { name: "nothing is asked any more", limits: { keepAlive: "100ms" }, asks: 1, end: "keep-alive" },
  { name: "nothing is asked at all", limits: { headTimeout: "100ms" }, asks: 0, end: "head-timeout" },
  { name: "as many as allowed were asked", limits: { requestsPerConnection: 2 }, asks: 2, end: "request-limit" },
])
  test(`over HTTP/2, ${name}: ${end}`, async (t) => {
    const served = await h2(t, { listen: { limits } });
    if (asks === 0) await once(served.client, "connect");
    for (let count = 0; count < asks; count++) await ask(served.client, { ":path": "/" });
    assert.deepEqual(await only(served), [end, undefined, asks, "h2"]);
  });

test("over HTTP/2 a client that takes back too much: calm-down", async (t) => {
  const served = await h2(t, { stages: [never], listen: { limits: { resets: 10 } } });
  for (let count = 0; count < 30 && !served.client.destroyed; count++) {
    const stream = served.client.request({ ":path": "/" }).on("error", () => {});
    // Their ends are sent only behind their heads.
    await delay(2);
    stream.close(constants.NGHTTP2_CANCEL);
  }
  assert.equal((await only(served))[0], "calm-down");
});

test("over HTTP/2 what is no HTTP/2: protocol-error", async (t) => {
  const served = await listening(t, { tls: serverMaterial });
  const line = dial(t, served.port, { ALPNProtocols: ["h2"] });
  line.socket.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".repeat(3));
  assert.equal((await only(served))[0], "protocol-error");
});

for (const { name, stages, grace, end } of [
  { name: "with nothing under way", stages: [answer], grace: 5000, end: "drain" },
  // Its session was told to go long before; what it could not wait for is in the requests' own lines.
  { name: "and cannot wait", stages: [never], grace: 50, end: "drain" },
])
  test(`over HTTP/2 a gateway that leaves ${name}: ${end}`, async (t) => {
    const served = await h2(t, { stages });
    const asked = ask(served.client, { ":path": "/" });
    if (end === "drain" && grace === 5000) await asked;
    else await served.recorded(0).then(() => delay(50));
    await served.listener.close(grace);
    assert.equal((await only(served))[0], end);
  });
