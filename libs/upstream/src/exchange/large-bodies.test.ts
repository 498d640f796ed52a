import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext } from "node:tls";
import { serve } from "@tandem/kernel/testing";
import { collectGarbage } from "@tandem/platform/grown-by.testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import type { Instance } from "../pool/instance.ts";
import { gatewayTo, hopTo, instanceAt, upstream } from "./testing.ts";

const mebibyte = 1024 * 1024;
const size = 200 * mebibyte;

const services: { protocol: string; open: (t: TestContext) => Promise<Instance> }[] = [
  {
    protocol: "HTTP/1.1",
    open: async (t) => instanceAt(t, await upstream(t, (asked, response) => asked.pipe(response))),
  },
  {
    protocol: "HTTP/2",
    async open(t) {
      const authority = createAuthority("test");
      const { certificate: cert, key } = issueCertificate(authority, { name: "s", sans: ["s"], usage: "server" });
      const server = createSecureServer({ cert, key });
      server.on("stream", (stream) => {
        stream.on("error", () => {}).respond({ ":status": 200 });
        stream.pipe(stream);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.after(() => void server.close());
      const tls = { context: createSecureContext({ ca: authority.certificate }), name: "s" };
      const { port } = server.address() as AddressInfo;
      return instanceAt(t, `https://127.0.0.1:${port}`, { tls, protocol: "h2" });
    },
  },
];

for (const { protocol, open } of services)
  for (const length of [true, false])
    test(`200 MB go through ${protocol} both ways at once, ${length ? "of known length" : "in chunks"}, to a slow reader, in constant memory`, async (t) => {
      const instance = await open(t);
      const port = await serve(t, gatewayTo(hopTo([instance], { firstByte: 60_000, idle: 60_000 })).gateway);
      const headers = length ? { "content-length": String(size) } : {};
      const question = request({ port, host: "127.0.0.1", method: "POST", headers, agent: false });
      const piece = Buffer.alloc(mebibyte, "x");
      const before = process.memoryUsage().rss;
      const sending = (async () => {
        for (let sent = 0; sent < size; sent += piece.length) if (!question.write(piece)) await once(question, "drain");
        question.end();
      })();
      const [answer] = (await once(question, "response")) as [IncomingMessage];
      let read = 0;
      let most = 0;
      for await (const chunk of answer) {
        const rests = Math.floor(read / (20 * mebibyte));
        read += (chunk as Buffer).length;
        most = Math.max(most, process.memoryUsage().rss);
        if (Math.floor(read / (20 * mebibyte)) === rests) continue;
        // How far the collector lags behind is the machine's business.
        collectGarbage();
        await sleep(30);
      }
      await sending;
      assert.equal(read, size);
      t.diagnostic(`${Math.round((most - before) / mebibyte)} MB more`);
      // Three parties share this process: garbage between two collections is part of it.
      assert.ok(most - before < 0.9 * size, `${Math.round((most - before) / mebibyte)} MB more`);
      assert.equal(instance.inFlight, 0);
    });
