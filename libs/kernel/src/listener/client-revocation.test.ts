import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { directoryWith, keepingLogger, until } from "@tandem/platform/testing";
import { createAuthority } from "@tandem/platform/tls/development-ca";
import { revocationList } from "@tandem/platform/tls/testing";
import { listenSchema } from "./config.ts";
import { followRevocationLists } from "./follow-revocation-lists.ts";
import { authority, clientOf, dial, listening, serverMaterial } from "./testing.ts";
import { applyRevocationLists, createTlsServer } from "./tls-server.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
const [kept, taken] = [clientOf("kept"), clientOf("taken")];
const day = 86_400_000;
const late = new Date(Date.now() - 1000);
const file = "unused";

for (const { name, list, accepts } of [
  { name: "an empty list", list: revocationList(authority, []), accepts: { kept: true, taken: true } },
  { name: "a list", list: revocationList(authority, [taken]), accepts: { kept: true, taken: false } },
  {
    name: "a list that has expired",
    list: revocationList(authority, [taken], { nextUpdate: late }),
    accepts: { kept: false, taken: false },
  },
  {
    name: "another authority's list",
    list: revocationList(createAuthority("other"), []),
    accepts: { kept: false, taken: false },
  },
  {
    name: "a list that another signed",
    list: revocationList(createAuthority("listener tests"), []),
    accepts: { kept: false, taken: false },
  },
])
  for (const required of [true, false])
    test(`${name} is held against clients, certificates being ${required ? "required" : "optional"}`, async (t) => {
      const clients = { ca: authority.certificate, required, revoked: { file, lists: [list] } };
      const { port } = await listening(t, { tls: { ...serverMaterial, clients } });
      const ask = async (shown?: { certificate: string; key: string }) => {
        const line = dial(t, port, shown ? { cert: shown.certificate, key: shown.key } : {});
        line.socket.write(get);
        return (await line.ended).startsWith("HTTP/1.1 200");
      };
      assert.deepEqual({ kept: await ask(kept), taken: await ask(taken) }, accepts);
      assert.equal(await ask(), !required, "who shows none");
    });

test("a newer list is applied, a broken one is told and changes nothing", async (t) => {
  const first = revocationList(authority, []);
  const path = join(directoryWith(t, { "a.crl": first }), "a.crl");
  const logger = keepingLogger();
  const applied: (readonly string[])[] = [];
  const apply = (lists: readonly string[]) => void applied.push(lists);
  t.after(followRevocationLists({ file: path, lists: [first.trim()] }, { apply, logger, interval: 5 }));
  const second = revocationList(authority, [taken]);
  writeFileSync(path, second);
  await until("a newer list is applied", () => applied.length > 0);
  assert.deepEqual(applied, [[second.trim()]]);
  const errors = () => logger.lines.filter(({ level }) => level === "error");
  writeFileSync(path, "rubbish");
  await until("a broken one is told", () => errors().length > 0);
  assert.match(String(errors()[0]?.fields["error"]), /holds no PEM/);
  writeFileSync(path, revocationList(authority, [], { nextUpdate: new Date(Date.now() + 2 * day) }));
  await until("the next one is applied", () => applied.length > 1);
  assert.deepEqual([applied.length, errors().length], [2, 1]);
});

test("what is applied holds for the next handshake, and what is no list throws and changes nothing", async (t) => {
  const material = { ...serverMaterial, clients: { ca: authority.certificate, required: false } };
  const server = createTlsServer(material, 5000);
  server.on("secureConnection", (socket) => socket.end(String(socket.authorized)));
  const front = createServer((raw) => server.emit("connection", raw)).listen(0, "127.0.0.1");
  await once(front, "listening");
  t.after(() => front.close());
  const { port } = front.address() as AddressInfo;
  const isTaken = async () => (await dial(t, port, { cert: taken.certificate, key: taken.key }).ended) === "false";
  assert.equal(await isTaken(), false);
  const broken = "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----";
  assert.throws(() => applyRevocationLists(server, material, [broken]));
  assert.equal(await isTaken(), false);
  applyRevocationLists(server, material, [revocationList(authority, [taken])]);
  assert.equal(await isTaken(), true);
  assert.throws(() => applyRevocationLists(server, material, [broken]));
  assert.equal(await isTaken(), true);
});

test("a listener follows its file until it is closed", async (t) => {
  const path = join(directoryWith(t, { "a.crl": revocationList(authority, []) }), "a.crl");
  const lists = [revocationList(authority, [])];
  t.mock.timers.enable({ apis: ["setInterval"] });
  const clients = { ca: authority.certificate, required: true, revoked: { file: path, lists } };
  const { port, listener } = await listening(t, { tls: { ...serverMaterial, clients } });
  const isAnswered = async (): Promise<boolean> => {
    const line = dial(t, port, { cert: taken.certificate, key: taken.key });
    line.socket.write(get);
    return (await line.ended).startsWith("HTTP/1.1 200");
  };
  assert.equal(await isAnswered(), true);
  writeFileSync(path, revocationList(authority, [taken]));
  let wasAnswered = true;
  for (let tries = 0; wasAnswered && tries < 100; tries++) {
    t.mock.timers.tick(5000);
    wasAnswered = await isAnswered();
  }
  assert.equal(wasAnswered, false);
  t.mock.timers.reset();
  await listener.close(0);
});

test("a list needs the authority whose it is", () => {
  const tls = { certificate: "a", key: "b", clientCrl: "c" };
  const read = listenSchema({ port: 1 }).safeParse({ tls });
  assert.match(JSON.stringify(read.error?.issues), /needs the clientCa/);
});
