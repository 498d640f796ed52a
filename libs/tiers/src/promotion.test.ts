// What is kept a little too long is moved among the old by the garbage collector, keeps alive what it leads to, and so on:
// then the whole of each exchange waits for a full collection. Nothing breaks but the slowest answers, so it is weighed here.
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { signAssertion } from "@tandem/identity/assertion/testing";
import { keyIn, keysFolder } from "./testing.ts";

const program = join(import.meta.dirname, "measured-tier.testing.ts");
const concurrency = 16;
const before = 500;
const requests = 5_000;
/** A healthy tier promotes 150 to 350 bytes a request; one that kept its exchanges did 5,300. */
const most = 1_500;

const listen = { host: "127.0.0.1", port: 0 };
const shared = { listen, admin: { port: 0 } };

const sections: Readonly<Record<string, (origin: string) => object>> = {
  security: (origin) => ({
    ...shared,
    assertion: { keys: "assertion-keys" },
    routingTier: { discovery: "static", instances: [origin] },
  }),
  routing: (origin) => ({
    ...shared,
    assertion: { keys: "public-keys" },
    services: { all: { discovery: "static", instances: [origin] } },
    routes: [{ name: "all", match: { path: "/**" }, allow: "authenticated", service: "all" }],
  }),
};

for (const [tier, section] of Object.entries(sections))
  test(`what the ${tier} tier makes for a request is gone with it`, { timeout: 120_000 }, async (t) => {
    const folder = await keysFolder(t);
    const file = join(folder, "tandem.yaml");
    writeFileSync(file, JSON.stringify({ [tier]: section(await origin(t)) }));
    const child = fork(program, [tier, file], { execArgv: ["--expose-gc", "--max-semi-space-size=16"] });
    t.after(() => child.kill("SIGKILL"));
    const { port } = await told(child);
    const assertion = signAssertion(keyIn(join(folder, "assertion-keys"), "EdDSA"), Math.floor(Date.now() / 1000));
    const ask = asking(t, Number(port), tier === "routing" ? { "tandem-assertion": assertion } : {});

    let left = before + requests;
    const oneAfterTheOther = async (): Promise<void> => {
      while (left > 0) {
        // With others under way, which are what the collector finds alive.
        if (left-- === requests) child.send("begin");
        assert.equal(await ask(), 200);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, oneAfterTheOther));
    child.send("end");
    const { promoted } = await told(child);
    const each = Math.round(Number(promoted) / requests);
    assert.ok(each > 0 && each < most, `${each} bytes a request outlived it`);
  });

/** The next thing that a process says; one that ends instead says nothing. */
async function told(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  const ended = once(child, "exit").then(([code]) => assert.fail(`it ended with ${code}`));
  const [message] = await Promise.race([once(child, "message"), ended]);
  return message;
}

async function origin(t: TestContext): Promise<string> {
  const server = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Asks over connections that are kept, and gives the status once the answer has come. */
function asking(t: TestContext, port: number, headers: Record<string, string>): () => Promise<number | undefined> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  t.after(() => agent.destroy());
  return () =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path: "/any", agent, headers });
      sent.on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode)));
      sent.on("error", reject).end();
    });
}
