// The contract of the log: whatever happens to a request, each line of either tier is one that the published schema knows.
import assert from "node:assert/strict";
import { request as requestHttps } from "node:https";
import { after, test } from "node:test";
import type { ResponseFlag } from "@tandem/contracts/response-flags";
import { logLine } from "@tandem/observe/log-schema/log-schema";
import { requestLine } from "@tandem/observe/log-schema/request-line";
import { until } from "@tandem/platform/testing";
import { ask, askRaw, begin, protocols, serve, startBoth } from "./testing.ts";
import type { RunningTier } from "../testing.ts";

const ending = { after };
const seen: string[] = [];

const echo = await serve(
  ending,
  (_, response) => response.end("{}"),
  (_, socket) => {
    socket
      .on("error", () => {})
      .write(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
      );
    socket.once("data", () => socket.end());
  },
);
const gone = await serve({ after: (close) => close() }, () => {});
const bed = await startBoth(
  ending,
  (request, response) => {
    const path = String(request.url);
    seen.push(path);
    if (path.startsWith("/broken/half")) response.write("half", () => request.socket.destroy());
    else if (path.startsWith("/broken")) request.socket.destroy();
    else if (path.startsWith("/open/fails")) response.writeHead(500).end();
    else if (!path.startsWith("/slow") && !path.startsWith("/open/never")) response.end("{}");
    request.on("error", () => {}).resume();
  },
  {
    routing: {
      services: {
        live: { discovery: "static", instances: [echo] },
        half: { discovery: "static", instances: [gone, echo], balance: "round-robin" },
      },
      routes: [
        { name: "live", match: { path: "/live" }, allow: "anyone", service: "live" },
        { name: "half", match: { path: "/half" }, allow: "anyone", service: "half" },
        { name: "private", match: { path: "/private" }, allow: "anyone", service: "live" },
      ],
      policies: [
        {
          name: "nobody",
          routes: ["private"],
          rules: [{ name: "elsewhere", effect: "deny", when: 'request.address != "10.9.9.9"' }],
        },
      ],
    },
  },
);
const secret = "hunter2hunter2";

interface Kind {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** Of the tier that noticed, which is the routing tier unless the security tier refused. */
  readonly flags: readonly ResponseFlag[];
  readonly by?: "security";
}

const kinds: Kind[] = [
  { name: "a success", path: `/open/a?key=${secret}`, status: 200, flags: [] },
  { name: "an upload", path: "/open/a", method: "POST", body: "some", status: 200, flags: [] },
  { name: "no credential", path: "/orders", status: 401, flags: ["unauthenticated"] },
  {
    name: "a bad credential",
    path: "/open/a",
    headers: { authorization: `Bearer ${secret}` },
    status: 401,
    flags: ["unauthenticated", "credential-refused"],
    by: "security",
  },
  { name: "a denial", path: "/private", status: 403, flags: ["denied"] },
  { name: "no route", path: "/nowhere", status: 404, flags: ["no-route"] },
  { name: "another method", path: "/items", method: "DELETE", status: 405, flags: ["method-refused"] },
  {
    name: "a long body",
    path: "/open/a",
    method: "POST",
    body: "x".repeat(2000),
    status: 413,
    flags: ["too-large"],
    by: "security",
  },
  {
    name: "a path in two readings",
    path: `/open/..%2fa?key=${secret}`,
    status: 400,
    flags: ["malformed"],
    by: "security",
  },
  { name: "an instance that is gone", path: "/gone/a", status: 502, flags: ["connect-failed", "retry-withheld"] },
  { name: "no instance", path: "/nobody/a", status: 503, flags: ["no-instance"] },
  {
    name: "an instance that breaks off",
    path: "/broken/a",
    method: "POST",
    body: "x",
    status: 502,
    flags: ["upstream-reset"],
  },
  { name: "an instance that is too slow", path: "/slow/a", status: 504, flags: ["upstream-timeout"] },
  { name: "an instance that fails", path: "/open/fails", status: 500, flags: ["upstream-error"] },
];

/** The line of a request, which the schema must know. */
const known = async (tier: RunningTier, id: string) => requestLine.parse(await tier.lineOf(id));

for (const protocol of protocols)
  for (const { name, status, flags, by, ...asked } of kinds)
    test(`over ${protocol} ${name} leaves lines that the schema knows: ${flags.join(" ") || "no flag"}`, async () => {
      const told = await ask({ port: bed.security.port, protocol, tls: bed.tls() }, asked);
      assert.equal(told.status, status);
      const id = String(told.headers["x-request-id"]);
      const line = await known(bed.security, id);
      assert.equal(line["http.version"], protocol === "h2" ? "2" : "1.1");
      if (by === "security") return assert.deepEqual(line["tandem.flags"] ?? [], flags);
      const behind = await known(bed.routing, id);
      assert.deepEqual(behind["tandem.flags"] ?? [], flags);
      assert.deepEqual([behind["trace.id"], behind["url.scheme"]], [line["trace.id"], "https"]);
    });

test("a request that a second instance saves says so", async () => {
  const line = { port: bed.security.port, protocol: "http/1.1", tls: bed.tls() } as const;
  const flags = new Set<string>();
  await until("one was retried", async () => {
    const { status, headers } = await ask(line, { path: "/half" });
    assert.equal(status, 200);
    for (const flag of (await known(bed.routing, String(headers["x-request-id"])))["tandem.flags"] ?? [])
      flags.add(flag);
    return flags.has("retried");
  });
  assert.deepEqual(flags, new Set(["connect-failed", "retried"]));
});

test("what the parser refuses has a line without a path", async () => {
  const text = await askRaw(bed.security.port, bed.tls(), `GET /?${secret} HTTP/1.1\r\nHost : a\r\n\r\n`);
  const id = /"requestId":"([^"]+)"/.exec(text)?.[1] ?? "";
  assert.deepEqual((await known(bed.security, id))["tandem.flags"], ["parser-refused", "malformed"]);
});

test("a client that leaves, and an answer that breaks in its middle, have theirs in both tiers", async () => {
  for (const [path, flag] of [
    ["/open/never", "client-left"],
    ["/broken/half", "upstream-reset"],
  ] as const) {
    const begun = begin({ port: bed.security.port, protocol: "http/1.1", tls: bed.tls() }, { path });
    await until("the service is asked", () => seen.includes(path));
    if (flag === "client-left") begun.leave();
    for (const tier of [bed.security, bed.routing]) {
      const find = () => tier.lines.find((line) => line["url.path"] === path);
      await until("there is a line", () => find() !== undefined);
      const { "tandem.flags": flags } = requestLine.parse(find());
      assert.ok(flags?.includes(flag), `${path}: ${flags?.join(" ")}`);
    }
    begun.leave();
  }
});

test("a WebSocket has its lines when it ends, and is a success", async () => {
  const upgrade = { connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const asking = requestHttps({
    ...bed.tls(),
    host: "127.0.0.1",
    port: bed.security.port,
    path: "/live",
    agent: false,
    headers: { host: "localhost", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", ...upgrade },
  });
  asking.on("upgrade", (_, socket) => void socket.on("error", () => {}).end(Buffer.from([0x88, 0x80, 0, 0, 0, 0])));
  asking.on("error", () => {}).end();
  for (const tier of [bed.security, bed.routing]) {
    const find = () => tier.lines.find((line) => line["tandem.upgrade"] === "websocket");
    await until("there is a line", () => find() !== undefined);
    const line = requestLine.parse(find());
    assert.deepEqual([line["http.response.status_code"], line["event.outcome"]], [101, "success"]);
  }
});

test("the latest requests of both tiers are these lines, for holders of the token", async () => {
  for (const tier of [bed.security, bed.routing]) {
    const { service, requests }: any = await (await tier.admin("/requests?status=4xx&limit=3")).json();
    assert.match(service, /^(security|routing)-gateway$/);
    assert.equal(requests.length, 3);
    const [{ "trace.id": trace }] = requests.map((line: unknown) => requestLine.parse(line));
    const found: any = await (await tier.admin(`/requests/${trace}`)).json();
    assert.deepEqual(found.requests, [requests[0]]);
  }
});

test("no line of any kind is unknown, and none holds a query or a credential", () => {
  const lines = [...bed.security.lines, ...bed.routing.lines];
  assert.ok(lines.length > 60);
  for (const line of lines) {
    const { error } = logLine.safeParse(line);
    assert.equal(error, undefined, `${JSON.stringify(line)}: ${error?.message}`);
  }
  assert.doesNotMatch(JSON.stringify(lines), new RegExp(secret));
});
