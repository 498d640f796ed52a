// A service on HTTP/2, as gRPC's are, says at the end how it went; between the tiers that goes over HTTP/1.1.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { IncomingMessage } from "node:http";
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { begin, protocols, startBoth } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const authority = createAuthority("services");
const own = issueCertificate(authority, { name: "sums", sans: ["127.0.0.1"], usage: "server" });
const ca = join(folder, "ca.crt");
writeFileSync(ca, authority.certificate);

const server = createSecureServer({ cert: own.certificate, key: own.key });
const sessions = new Set<ServerHttp2Session>();
server.on("session", (session) => void sessions.add(session.on("error", () => {})));
server.on("stream", (stream, { ":path": path = "" }) => {
  const head = {
    ":status": 200,
    "content-type": "application/json",
    ...(path.includes("length") && { "content-length": "3" }),
    ...(path.includes("announced") && { trailer: "x-sum" }),
  };
  stream.on("error", () => {}).respond(head, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "6", "set-cookie": "a=1" }));
  stream.end("123");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
after(() => {
  for (const session of sessions) session.destroy();
  server.close();
});

const instance = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
const bed = await startBoth({ after }, (_, response) => void response.end(), {
  routing: {
    services: { sums: { discovery: "static", protocol: "h2", instances: [instance], tls: { ca } } },
    routes: [{ name: "sums", service: "sums", match: { path: "/sums/**" }, allow: "anyone" }],
    policies: [],
  },
});

interface Told {
  readonly trailers: Record<string, unknown>;
  readonly length: unknown;
  readonly json: unknown;
}

async function answerTo(protocol: (typeof protocols)[number], path: string): Promise<Told> {
  const line = { port: bed.security.port, protocol, tls: bed.tls() };
  const { stream, told, leave } = begin(line, { path, headers: { te: "trailers" } });
  let trailers: object = {};
  stream.on("trailers", (fields: object) => (trailers = fields));
  stream.on("response", (answer: IncomingMessage | IncomingHttpHeaders) => {
    if (answer instanceof IncomingMessage) answer.on("end", () => (trailers = answer.trailers));
  });
  const { headers, json } = await told;
  leave();
  return { trailers: Object.fromEntries(Object.entries(trailers)), length: headers["content-length"], json };
}

for (const protocol of protocols) {
  for (const path of ["/sums/plain", "/sums/announced", "/sums/length-announced"])
    test(`over ${protocol} trailers come through both tiers: ${path}`, async () => {
      assert.deepEqual(await answerTo(protocol, path), { trailers: { "x-sum": "6" }, length: undefined, json: 123 });
    });

  test(`over ${protocol} trailers that nobody announced are lost behind a body of declared length, which stays whole`, async () => {
    assert.deepEqual(await answerTo(protocol, "/sums/length"), { trailers: {}, length: "3", json: 123 });
  });
}
