// Nothing that a client can send may grow what is kept of it: neither the series, nor what a scrape weighs.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { signAssertion } from "@tandem/identity/assertion/testing";
import { routingProcess } from "./routing-process.ts";
import { securityProcess } from "./security-process.ts";
import { keyIn, keysFolder, startTier } from "./testing.ts";

const requests = 100_000;
const inARow = 50;
/** Of one tier, for two routes and two services, whoever has asked for whatever. */
const mostSeries = 700;
const mostBytes = 65_536;

const ending = { after };
const folder = await keysFolder(ending);
const listen = { host: "127.0.0.1", port: 0 };
const nobody = { discovery: "static", instances: ["http://127.0.0.1:1"] };
const routing = await startTier(ending, routingProcess, {
  folder,
  section: {
    listen,
    assertion: { keys: "public-keys" },
    services: { one: nobody, two: nobody },
    routes: [
      { name: "closed", match: { path: "/closed/**" }, allow: { scopes: ["none"] }, service: "one" },
      { name: "dead", match: { path: "/dead/*", methods: ["GET"] }, allow: "anyone", service: "two" },
    ],
  },
});
const security = await startTier(ending, securityProcess, {
  folder,
  section: {
    listen,
    assertion: { keys: "assertion-keys" },
    routingTier: { discovery: "static", instances: [`http://127.0.0.1:${routing.port}`] },
  },
});
const assertion = signAssertion(keyIn(join(folder, "assertion-keys"), "EdDSA"), Math.floor(Date.now() / 1000));

/** Nothing of ours has this in it. */
const mark = "zqx";
const random = (): string => mark + randomBytes(6).toString("hex");
const methods = ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PURGE", "PROPFIND", "M-SEARCH", "LINK"];
const folders = ["closed/", "dead/", ""];

/** A request of which all that a client may choose is chosen anew. */
function hostile(nth: number, headers: string): string {
  const method = nth % inARow === inARow - 1 ? random().toUpperCase() : methods[nth % methods.length];
  const path = `/${folders[nth % folders.length]}${random()}?${random()}=${random()}`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${random()}.test\r\nx-${random()}: ${random()}\r\nx-request-id: ${random()}\r\n${headers}\r\n`;
}

/** Sends some in a row on one connection, until it is closed: by the last of them, whose method no parser takes. */
async function assail(port: number, batch: string): Promise<void> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.resume();
  socket.write(batch);
  await once(socket, "close");
}

async function scraped(tier: typeof routing) {
  const text = await (await tier.admin("/metrics")).text();
  const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const counted = series.reduce(
    (sum, line) => (line.startsWith("tandem_requests_total{") ? sum + Number(line.split(" ").at(-1)) : sum),
    0,
  );
  return { text, series, counted };
}

test("a hundred thousand hostile requests leave a scrape as small as it was", { timeout: 300_000 }, async (t) => {
  let sent = 0;
  const oneAfterTheOther = async (): Promise<void> => {
    while (sent < requests) {
      const first = sent;
      sent += inARow;
      const [port, headers] = [
        () => [security.port, `authorization: Bearer ${random()}.${random()}.${random()}\r\n`] as const,
        () => [security.port, `x-api-key: ${random()}\r\n`] as const,
        () => [security.port, ""] as const,
        () => [routing.port, `tandem-assertion: ${assertion}\r\ntraceparent: ${random()}\r\n`] as const,
      ][(first / inARow) % 4]!();
      await assail(port, Array.from({ length: inARow }, (_, at) => hostile(first + at, headers)).join(""));
    }
  };
  await Promise.all(Array.from({ length: 16 }, oneAfterTheOther));
  const seen = await Promise.all([security, routing].map(scraped));
  const counted = seen.reduce((sum, one) => sum + one.counted, 0);
  t.diagnostic(
    seen.map(({ text, series, counted: of }) => `${of}: ${series.length} series, ${text.length} bytes`).join("; "),
  );
  assert.ok(counted > requests, `${counted} were counted`);
  for (const { text, series } of seen) {
    assert.ok(series.length < mostSeries, `${series.length} series`);
    assert.ok(text.length < mostBytes, `${text.length} bytes`);
    assert.ok(!text.toLowerCase().includes(mark), "there is a client's string");
  }
});
