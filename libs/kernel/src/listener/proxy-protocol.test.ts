import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { freePort } from "@tandem/platform/free-ports.testing";
import { ask, authority, dial, listening, serverMaterial, session } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const header = (rest: string): Buffer => Buffer.concat([signature, Buffer.from(rest, "hex")]);
const v4 = header("2111000cc0000207c6336401dc0420fb");
const v6 = header("2121002420010db800000000000000000000000720010db8000000000000000000000001dc0420fb");
const local = header("20000000");
const listen = { proxyProtocol: { from: ["127.0.0.0/8"] }, limits: { headTimeout: "200ms" } };

for (const { name, given, address } of [
  { name: "IPv4", given: v4, address: "192.0.2.7" },
  { name: "IPv6", given: v6, address: "2001:db8::7" },
  { name: "a health check", given: local, address: "127.0.0.1" },
])
  for (const pieces of ["at once", "byte by byte"])
    test(`a header for ${name}, sent ${pieces}, names the client in clear text`, async (t) => {
      const { port, recorded } = await listening(t, { listen });
      const line = dial(t, port);
      line.socket.setNoDelay(true);
      const all = Buffer.concat([given, Buffer.from(get)]);
      if (pieces === "at once") line.socket.write(all);
      else
        for (const byte of all) {
          line.socket.write(Buffer.from([byte]));
          await delay(0);
        }
      assert.match(await line.ended, /^HTTP\/1\.1 200 /);
      const [record] = await recorded(1);
      assert.equal(record?.peer?.address, address);
      assert.equal(record?.clientAddress, address);
    });

test("behind the header TLS goes on, and both the address and the handshake are known", async (t) => {
  const { port, recorded, closed } = await listening(t, { listen, tls: serverMaterial });
  const raw = dial(t, port).socket;
  raw.removeAllListeners("data");
  raw.write(v6);
  const secure = connectTls({
    socket: raw,
    ca: authority.certificate,
    servername: "localhost",
    ALPNProtocols: ["http/1.1"],
  });
  secure.resume().end(get);
  const [record] = await recorded(1);
  assert.equal(record?.peer?.address, "2001:db8::7");
  assert.equal(record?.peer?.port, 56_324);
  assert.deepEqual([record?.peer?.tls?.version, record?.peer?.tls?.sni], ["TLSv1.3", "localhost"]);
  const [event] = await closed(1);
  assert.deepEqual(event?.proxied, { address: "2001:db8::7", port: 56_324 });
  assert.equal(event.source.address, "127.0.0.1");
});

test("behind the header HTTP/2 goes on", async (t) => {
  const { port, recorded } = await listening(t, { listen, tls: serverMaterial });
  const raw = dial(t, port).socket;
  raw.removeAllListeners("data");
  raw.write(v4);
  const secure = connectTls({ socket: raw, ca: authority.certificate, servername: "localhost", ALPNProtocols: ["h2"] });
  const client = session(t, port, { createConnection: () => secure } as object);
  assert.equal((await ask(client, { ":path": "/" })).status, 200);
  assert.equal((await recorded(1))[0]?.peer?.address, "192.0.2.7");
});

for (const { name, given } of [
  { name: "a request without header", given: Buffer.from(get) },
  { name: "a header cut off by the end of the connection", given: v4.subarray(0, 20) },
  { name: "a text header", given: Buffer.from(`PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n${get}`) },
  { name: "silence", given: Buffer.alloc(0) },
])
  test(`${name} is answered with the end of the connection`, async (t) => {
    const { port, records, closed } = await listening(t, { listen });
    const line = dial(t, port);
    if (name.includes("cut off")) line.socket.end(given);
    else line.socket.write(given);
    assert.doesNotMatch(await line.ended, /HTTP/);
    const [event] = await closed(1);
    assert.deepEqual([event?.end, records.length], ["proxy-refused", 0]);
  });

test("who is not listed may not connect, header or not", async (t) => {
  const { port, closed } = await listening(t, { listen: { proxyProtocol: { from: ["192.0.2.0/24"] } } });
  const line = dial(t, port);
  line.socket.write(Buffer.concat([v4, Buffer.from(get)]));
  assert.doesNotMatch(await line.ended, /HTTP/);
  const [event] = await closed(1);
  assert.deepEqual([event?.end, event?.detail], ["proxy-refused", "not a listed balancer"]);
});

test("without proxyProtocol a header is garbage", async (t) => {
  const { port } = await listening(t);
  const line = dial(t, port);
  line.socket.write(Buffer.concat([v4, Buffer.from(get)]));
  assert.match(await line.ended, /^HTTP\/1\.1 400 /);
});

const haproxy = "/usr/sbin/haproxy";

test("a real HAProxy in front keeps the client's address", { skip: haproxyMissing() }, async (t) => {
  const { port, recorded, listener } = await listening(t, { listen, tls: serverMaterial });
  const front = await freePort();
  await startHaproxy(
    t,
    `
    global
      log stderr local0
    defaults
      mode tcp
      timeout connect 1s
      timeout client 5s
      timeout server 5s
    frontend entry
      bind 127.0.0.1:${front}
      default_backend gateways
    backend gateways
      server one 127.0.0.1:${port} send-proxy-v2 check inter 50ms check-send-proxy`,
    front,
  );
  const before = listener.stats.ended.get("proxy-refused") ?? 0;
  const line = dial(t, front, { localAddress: "127.0.0.9" } as object);
  line.socket.write(get);
  assert.match(await line.ended, /^HTTP\/1\.1 200 /);
  const [record] = await recorded(1);
  assert.equal(record?.peer?.address, "127.0.0.9");
  assert.equal(record?.peer?.tls?.version, "TLSv1.3");
  assert.equal(before, 0, "a health check is no refusal");
});

function haproxyMissing(): string | false {
  try {
    execFileSync(haproxy, ["-v"], { stdio: "ignore" });
    return false;
  } catch (error) {
    if (process.env["CI"]) throw new Error("CI must have HAProxy", { cause: error });
    console.error("NOT TESTED: HAProxy is not installed, so nobody knows whether its PROXY header is understood");
    return "HAProxy is not installed";
  }
}

async function startHaproxy(t: TestContext, config: string, port: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-haproxy-"));
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, `${config.replaceAll(/^ {4}/gm, "")}\n`);
  const child = spawn(haproxy, ["-db", "-f", file], { stdio: ["ignore", "inherit", "inherit"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill();
    await gone;
    rmSync(folder, { recursive: true });
  });
  for (let tries = 0; tries < 100; tries++) {
    const line = dial(t, port);
    const up = await Promise.race([
      new Promise((resolve) => line.socket.once("connect", () => resolve(true))),
      line.ended.then(() => false),
    ]);
    line.socket.destroy();
    // Time for a few health checks.
    await delay(up ? 200 : 30);
    if (up) return;
  }
  throw new Error("HAProxy did not start");
}
