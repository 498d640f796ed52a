import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { dial, listening, serverMaterial } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

test("connections beyond the limit are told by their number, together", async (t) => {
  const { port, events, listener } = await listening(t, { listen: { limits: { connections: 1 } } });
  const line = dial(t, port);
  line.socket.write(get);
  await line.until(/}$/);
  await Promise.all(Array.from({ length: 5 }, () => dial(t, port).ended));
  await listener.close(0);
  assert.deepEqual(
    events.map((event) => (event.kind === "dropped" ? event.count : event.end)),
    ["drain", 5],
  );
});

const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const half = Buffer.concat([signature, Buffer.from("2111000cc0000207", "hex")]);
const local = Buffer.concat([signature, Buffer.from("20000000", "hex")]);
const behind = { proxyProtocol: { from: ["127.0.0.0/8"] }, limits: { headTimeout: "100ms" } };

for (const { name, say, leave, end, detail } of [
  { name: "a health check that says whose it is", say: local, leave: true, end: "unused", detail: undefined },
  { name: "a health check that says nothing", say: "", leave: true, end: "unused", detail: undefined },
  { name: "no header", say: get, leave: false, end: "proxy-refused", detail: /does not begin with/ },
  {
    name: "a header of another version",
    say: Buffer.concat([signature, Buffer.from("31110000", "hex")]),
    leave: false,
    end: "proxy-refused",
    detail: /version 3/,
  },
  { name: "half a header", say: half, leave: true, end: "proxy-refused", detail: /cut off/ },
  { name: "a header that does not come", say: "", leave: false, end: "proxy-refused", detail: /in time/ },
])
  for (const tls of [undefined, serverMaterial])
    test(`behind a balancer${tls ? ", with TLS" : ""}, ${name}: ${end}`, async (t) => {
      const { port, closed, listener } = await listening(t, { listen: behind, ...(tls && { tls }) });
      const socket = connect(port, "127.0.0.1")
        .on("error", () => {})
        .resume();
      t.after(() => socket.destroy());
      await once(socket, "connect");
      if (say.length > 0) socket.write(say);
      if (leave) socket.end();
      const [event] = await closed(1);
      assert.equal(event?.end, end);
      if (detail) assert.match(event.detail!, detail);
      assert.equal(event?.source.address, "127.0.0.1");
      assert.deepEqual([...listener.stats.ended], [[end, 1]]);
      if (name.includes("whose")) assert.equal(event?.proxied, "itself");
    });
