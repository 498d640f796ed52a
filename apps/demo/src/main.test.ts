import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "@tandem/platform/free-ports.testing";
import { ask, until } from "@tandem/platform/testing";
import { consulAgent } from "@tandem/upstream/discovery/testing";

const program = fileURLToPath(new URL("main.ts", import.meta.url));

function start(t: TestContext, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const { stdout, stderr } = child;
  assert.ok(stdout && stderr);
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  const { promise: said, resolve } = Promise.withResolvers<string>();
  for (const stream of [stdout, stderr])
    stream.on("data", (data: Buffer) => {
      output += String(data);
      if (output.includes("services listen")) resolve(output);
    });
  // A channel that we close ourselves would keep the child's own "close" from coming.
  const ends = [once(child, "exit"), once(stdout, "close"), once(stderr, "close")];
  const ended = Promise.all(ends).then(([exit]) => ({ code: exit?.[0], output }));
  return { child, said, ended };
}

test("one instance is served, and SIGTERM ends it with what it was doing", async (t) => {
  const port = await freePort();
  const { child, said, ended } = start(t, "--service", "echo", "--port", String(port), "--instance", "mine");
  await said;
  const slow = ask(port, "/echo/slow?ms=400");
  assert.equal((await ask(port, "/health")).json.instance, "mine");
  child.kill("SIGTERM");
  assert.equal((await slow).status, 200);
  const { code, output } = await ended;
  assert.equal(code, 0, output);
});

test("an instance is found in Consul while it serves, and leaves it first", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const port = await freePort();
  const line = `--service echo --port ${port} --register ${agent.address} --address 127.0.0.1`;
  const { child, said, ended } = start(t, ...line.split(" "));
  await said;
  const registered = async (): Promise<string[]> =>
    Object.values(await agent.services()).map(({ Service, Address, Port }) => `${Service} ${Address}:${Port}`);
  await until("registered", async () => (await registered()).length > 0);
  assert.deepEqual(await registered(), [`echo 127.0.0.1:${port}`]);
  child.kill("SIGTERM");
  await until("deregistered", async () => (await registered()).length === 0);
  assert.equal((await ask(port, "/echo")).status, 200, "it still serves those who have not heard of it");
  assert.equal((await ended).code, 0);
});

test("spans reach a collector under the name of the service, the last ones too", async (t) => {
  const posted: { path: string | undefined; text: string }[] = [];
  const collector = createHttpServer((request, response) => {
    let text = "";
    request.setEncoding("latin1").on("data", (data: string) => (text += data));
    request.on("end", () => {
      posted.push({ path: request.url, text });
      response.end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  t.after(() => (collector.closeAllConnections(), collector.close()));
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const port = await freePort();
  const { child, said, ended } = start(t, "--service", "orders", "--port", String(port), "--otlp", url);
  await said;
  await ask(port, "/orders");
  child.kill("SIGTERM");
  assert.equal((await ended).code, 0);
  assert.deepEqual(
    posted.map(({ path }) => path),
    ["/v1/traces"],
  );
  assert.match(posted[0]!.text, /demo-orders/);
  assert.match(posted[0]!.text, /GET \/orders/);
});

test("the services do not outlive whoever started them", async (t) => {
  const { child, said, ended } = start(t, "--service", "echo", "--port", String(await freePort()));
  await said;
  child.disconnect();
  assert.equal((await ended).code, 0);
});

test("a taken port is one clear line", async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const { code, output } = await start(t, "--service", "echo", "--port", String(port)).ended;
  assert.equal(code, 1);
  assert.match(output, new RegExp(`port ${port} is taken`));
  assert.doesNotMatch(output, / {4}at /);
});

test("a command line that makes no sense ends with 2 and a sentence", async (t) => {
  const { code, output } = await start(t, "--service", "payments").ended;
  assert.equal(code, 2);
  assert.match(output, /--service is one of/);
});

test("help is help", async (t) => {
  const { code, output } = await start(t, "--help").ended;
  assert.deepEqual([code, output.includes("--register URL")], [0, true]);
});
