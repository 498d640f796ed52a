import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { takenPorts } from "./ports.ts";

test("a taken port is named with what needs it and what to do", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const lines = await takenPorts([{ port, what: "public HTTPS", setting: "security.listen.port" }]);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, new RegExp(`port ${port} \\(public HTTPS\\) is taken.*security\\.listen\\.port`));
});

test("a free port is not worth a line", async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  assert.deepEqual(await takenPorts([{ port, what: "x", setting: "y" }]), []);
});
