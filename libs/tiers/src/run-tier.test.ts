// What a supervisor sees of a tier: a process, its exit code, and an order in which nobody loses a request.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { signAssertion } from "@tandem/identity/assertion/testing";
import { until } from "@tandem/platform/testing";
import { keyIn, keysFolder } from "./testing.ts";

const program = `
  import { runTier } from "@tandem/tiers/run-tier";
  import { routingProcess } from "@tandem/tiers/routing-process";
  await runTier(routingProcess, process.argv[1]);`;

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A routing tier in a process of its own, with a service that holds what is under /held until it is let go. */
async function start(t: TestContext) {
  const held: ServerResponse[] = [];
  const service = await serve(t, (request, response) => {
    if (request.url === "/held") held.push(response);
    else response.end("at once");
  });
  const heard: string[] = [];
  const consul = await serve(t, (request, response) => {
    heard.push(request.url?.split("/").slice(3, 5).join(" ") ?? "");
    response.end();
  });
  const folder = await keysFolder(t);
  const config = {
    consul: { address: consul },
    routing: {
      listen: { port: 0 },
      admin: { port: 0 },
      assertion: { keys: "public-keys" },
      register: { address: "127.0.0.1" },
      services: { all: { discovery: "static", instances: [service] } },
      routes: [{ name: "all", match: { path: "/**" }, allow: "anyone", service: "all" }],
    },
  };
  const file = join(folder, "tandem.yaml");
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, file], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  const told = child.stdout!.on("data", (data) => (output += String(data)));
  const lines = () => output.split("\n").flatMap((line) => (line.endsWith("}") ? [JSON.parse(line)] : []));
  const listening = () => lines().find(({ message }) => message === "listening");
  await until("it listens", listening, { within: 15_000 });
  const { port, admin } = listening();
  const assertion = signAssertion(keyIn(join(folder, "assertion-keys"), "EdDSA"), Math.floor(Date.now() / 1000));
  return {
    child,
    held,
    heard,
    lines,
    // Not "close": with a channel that was cut it never comes.
    ended: Promise.all([once(child, "exit"), once(told, "end")]).then(([[code]]) => code as number | null),
    ask: (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { "tandem-assertion": assertion } }),
    ready: async () => (await fetch(`http://127.0.0.1:${admin}/readyz`)).status,
  };
}

test("told to end, it says so, leaves Consul, still takes what comes for a moment, and finishes what it has", async (t) => {
  const { child, held, heard, lines, ended, ask, ready } = await start(t);
  await until("it is registered", () => heard.includes("service register"));
  assert.equal(await ready(), 200);
  const slow = ask("/held");
  await until("a request is under way", () => held.length === 1);

  child.kill("SIGTERM");
  await until("it says that it leaves", async () => (await ready()) === 503);
  await until("it has left Consul", () => heard.some((what) => what === "service deregister"));
  assert.equal(await (await ask("/late")).text(), "at once");

  const refused = () =>
    ask("/too-late").then(
      () => false,
      () => true,
    );
  await until("nobody is let in any more", refused);
  assert.equal(child.exitCode, null, "it waits for the one under way");
  held[0]?.end("after all");
  assert.equal(await (await slow).text(), "after all");
  assert.equal(await ended, 0);
  assert.deepEqual(
    lines().filter((line) => ["warn", "error"].includes(line["log.level"])),
    [],
  );
});

test("when the process that started it is gone, it ends by itself", async (t) => {
  const { child, ended, lines } = await start(t);
  child.disconnect();
  assert.equal(await ended, 0);
  assert.ok(lines().some(({ message, reason }) => message === "shutting down" && /parent/.test(reason)));
});
