// What happens to a service and its clients when something goes wrong for real: processes that are killed, connections that
// break, clients that leave. Nothing may hang, and whatever was begun must have ended.
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request as send, type ClientRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@tandem/kernel/testing";
import { until } from "@tandem/platform/testing";
import { drawing } from "@tandem/platform/drawing.testing";
import { gatewayTo, hopTo, instanceAt, persisting, rawUpstream, upstream } from "./testing.ts";

/** A service in a process of its own. */
async function killable(t: TestContext): Promise<{ origin: string; child: ChildProcess }> {
  const child = fork(join(import.meta.dirname, "killed-service.testing.ts"));
  t.after(() => child.kill("SIGKILL"));
  const [port] = await once(child, "message");
  return { origin: `http://127.0.0.1:${String(port)}`, child };
}

/** How a request ended for its client: the status and the text, `broken off`, or `no answer`. */
function outcome(sent: ClientRequest): Promise<string> {
  return new Promise((resolve) => {
    sent.on("response", (answer: IncomingMessage) => {
      let text = "";
      answer.on("data", (chunk) => (text += String(chunk)));
      answer.on("end", () => resolve(`${answer.statusCode} ${text}`));
      answer.on("error", () => resolve("broken off"));
    });
    sent.on("error", () => resolve("no answer"));
  });
}

test("when one of two is killed under load, no client of a GET notices", { timeout: 60_000 }, async (t) => {
  const [one, other] = [await killable(t), await killable(t)];
  const instances = [instanceAt(t, one.origin), instanceAt(t, other.origin)];
  const hop = hopTo(instances, { resilience: persisting() });
  let turn = 0;
  // Blind on purpose: it goes on choosing the dead one, as a pool does until it has seen enough.
  const pick: typeof hop.pool.pick = (_, tried) => {
    const first = instances[turn++ % 2]!;
    const second = instances[turn % 2]!;
    return !tried.includes(first) ? first : tried.includes(second) ? "no-instance" : second;
  };
  const { gateway, records } = gatewayTo({ ...hop, pool: { ...hop.pool, pick } });
  const port = await serve(t, gateway);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  t.after(() => agent.destroy());
  const seen = new Map<string, number>();
  const total = 4_000;
  let asked = 0;
  const client = async (): Promise<void> => {
    while (asked < total) {
      // Long before the budget for the dead one is spent.
      if (++asked === 3_500) one.child.kill("SIGKILL");
      const answer = await outcome(send({ host: "127.0.0.1", port, path: "/", agent }).end());
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  assert.deepEqual([...seen.keys()], ["200 ok"]);
  assert.ok(records.some(({ attempts }) => attempts[1]?.reason === "retry" && attempts[1].outcome === "answered"));
  await until("all has ended", () => instances.every(({ inFlight }) => inFlight === 0));
});

test("an instance that comes and goes is noticed by no client of a GET", async (t) => {
  const sockets = new Set<Socket>();
  let down = false;
  const flapping = await rawUpstream(t, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (down) socket.resetAndDestroy();
    else setTimeout(() => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), 2);
  });
  const flaps = setInterval(() => {
    down = !down;
    if (down) for (const socket of sockets) socket.resetAndDestroy();
  }, 15);
  t.after(() => clearInterval(flaps));
  const steady = await upstream(t, (_, response) => response.end("ok"));
  const instances = [instanceAt(t, flapping), instanceAt(t, steady)];
  const resilience = persisting({ retry: { budget: { ratio: 1 } } });
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience }));
  const port = await serve(t, gateway);
  const client = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn++)
      assert.equal(await outcome(send({ host: "127.0.0.1", port, agent: false }).end()), "200 ok");
  };
  await Promise.all(Array.from({ length: 8 }, client));
  assert.ok(records.some(({ attempts }) => attempts.length === 2));
  await until("all has ended", () => instances.every(({ inFlight }) => inFlight === 0));
});

test("an answer that breaks off in its middle is never made up by another", async (t) => {
  let asked = 0;
  let breakOff = (): void => {};
  const origin = await rawUpstream(t, (socket) => {
    asked++;
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    breakOff = () => socket.resetAndDestroy();
  });
  const instances = [instanceAt(t, origin), instanceAt(t, origin)];
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience: persisting({ retry: { attempts: 5 } }) }));
  const sent = send({ host: "127.0.0.1", port: await serve(t, gateway), agent: false }).end();
  sent.once("response", (answer: IncomingMessage) => answer.once("data", () => breakOff()));
  assert.equal(await outcome(sent), "broken off");
  await until("the record", () => records.length === 1);
  assert.deepEqual([asked, records[0]?.attempts.length], [1, 1]);
});

test("a client that leaves during a pause is not asked for again", async (t) => {
  let asked = 0;
  const origin = await upstream(t, (_, response) => {
    asked++;
    response.writeHead(503, { "retry-after": "60" }).end();
  });
  const instances = [instanceAt(t, origin), instanceAt(t, origin)];
  const resilience = persisting({ retry: { on: [503], backOff: { most: "1m" } } });
  const { gateway, records } = gatewayTo(hopTo(instances, { resilience }));
  const sent = send({ host: "127.0.0.1", port: await serve(t, gateway), agent: false }).end();
  sent.on("error", () => {});
  await until("the first has answered", () => asked === 1 && instances[0]!.inFlight === 0);
  await sleep(20);
  sent.destroy();
  await until("it is over", () => records.length === 1 && gateway.inFlight === 0);
  assert.deepEqual([records[0]?.ending, records[0]?.attempts.length, asked], ["client-left", 1, 1]);
});

const whims: readonly string[] = [
  "ok",
  "slow",
  "silent",
  "reset",
  "half-head",
  "half-body",
  "503",
  "soon",
  "senseless",
  "long",
];

for (const seed of [1, 2, 3])
  test(`whatever instances and clients do, all that was begun ends (${seed})`, { timeout: 60_000 }, async (t) => {
    const draw = drawing(seed).below;
    const whimsical = (): Promise<string> =>
      rawUpstream(t, (socket) => {
        const answer = (head: string, body = ""): void => void socket.write(`HTTP/1.1 ${head}\r\n\r\n${body}`);
        const whim = whims[draw(whims.length)];
        if (whim === "ok") answer("200 OK\r\ncontent-length: 2", "ok");
        else if (whim === "slow") setTimeout(answer, draw(80), "200 OK\r\ncontent-length: 2", "ok");
        else if (whim === "reset") socket.resetAndDestroy();
        else if (whim === "half-head") socket.end("HTTP/1.1 20");
        else if (whim === "503") answer("503 Busy\r\ncontent-length: 4", "busy");
        else if (whim === "soon") answer("503 Busy\r\nretry-after: 0\r\ncontent-length: 0");
        else if (whim === "senseless") answer("200 OK\r\ncontent-length: 2\r\ncontent-length: 3");
        else if (whim === "long") answer("200 OK\r\ncontent-length: 200000", "x".repeat(200_000));
        else if (whim === "half-body") {
          answer("200 OK\r\ncontent-length: 9", "half");
          setTimeout(() => socket.resetAndDestroy(), draw(30));
        }
      });
    const origins = await Promise.all(Array.from({ length: 4 }, whimsical));
    const instances = origins.map((origin) => instanceAt(t, origin, { connections: 8 }));
    const hop = hopTo(instances, {
      firstByte: 60,
      idle: 60,
      random: () => draw(100) / 100,
      resilience: persisting({
        tryTimeout: "150ms",
        totalTimeout: "300ms",
        retry: { attempts: 4, on: ["connect", "reset", "timeout", 503], backOff: { first: "5ms", most: "20ms" } },
        hedge: { after: "20ms" },
      }),
    });
    const pick: typeof hop.pool.pick = (_, tried) => {
      const left = instances.filter((instance) => !tried.includes(instance));
      return left[draw(left.length)] ?? "no-instance";
    };
    const { gateway, records } = gatewayTo({ ...hop, pool: { ...hop.pool, pick } });
    const port = await serve(t, gateway);
    const client = async (): Promise<void> => {
      for (let turn = 0; turn < 25; turn++) {
        const method = ["GET", "GET", "HEAD", "POST", "PUT"][draw(5)]!;
        const body = method === "POST" || method === "PUT" ? "x".repeat(draw(3_000)) : undefined;
        const sent = send({ host: "127.0.0.1", port, method, agent: false });
        if (draw(4) === 0) setTimeout(() => sent.destroy(), draw(100));
        sent.end(body);
        const ended = await outcome(sent);
        assert.match(ended, /^(200 (ok|x{200000})?|50[234] [^]*|broken off|no answer)$/);
      }
    };
    await Promise.all(Array.from({ length: 12 }, client));
    await until("nothing is in flight", () => gateway.inFlight === 0 && records.length > 200);
    await until("every attempt has ended", () => instances.every(({ inFlight }) => inFlight === 0));
    for (const { attempts, cause } of records) {
      assert.ok(!(cause instanceof assert.AssertionError), String(cause));
      for (const { outcome: how, endedAt } of attempts) assert.ok(how !== undefined && endedAt !== undefined);
    }
    const reasons = new Set(records.flatMap(({ attempts }) => attempts.map(({ reason }) => reason)));
    assert.deepEqual([...reasons].map(String).toSorted(), ["hedge", "retry", "undefined"]);
  });
