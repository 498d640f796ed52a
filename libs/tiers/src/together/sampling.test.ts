// A trace is whole or missing: whoever decides about it, both tiers and the service behind go by that.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "@tandem/platform/testing";
import { ask, clientOf, ownIssuer, serve, startBoth, type Told } from "./testing.ts";

const flagsOf = (line: unknown): string => String(line).slice(-2);

/** What the service was told last. */
let told = "";
const origin = await serve({ after }, (request, response) => {
  told = flagsOf(request.headers["traceparent"]);
  response
    .setHeader("traceresponse", String(request.headers["traceparent"]))
    .writeHead(request.url === "/fails" ? 500 : 200)
    .end();
});
const gone = await serve({ after: (close) => close() }, () => {});
const route = (name: string, more: object) => ({
  name,
  service: "here",
  match: { path: `/${name}` },
  allow: "anyone",
  ...more,
});

const bed = await startBoth({ after }, (_, response) => void response.end(), {
  traces: { sample: 0, debug: { scopes: ["traces:debug"] } },
  traceContext: { networks: [{ from: ["127.0.0.1"], trust: "continue" }] },
  issuers: [ownIssuer(clientOf("operator", { scopes: ["traces:debug"] }), clientOf("viewer"))],
  routing: {
    services: {
      here: { discovery: "static", instances: [origin] },
      flaky: { discovery: "static", instances: [gone, origin], balance: "round-robin" },
    },
    routes: [
      route("plain", {}),
      route("all", { trace: { sample: 1 } }),
      route("none", { trace: { sample: 0 } }),
      route("fails", {}),
      route("flaky", { service: "flaky" }),
    ],
    policies: [],
  },
});
const line = { port: bed.security.port, protocol: "http/1.1", tls: bed.tls() } as const;

async function tokenOf(id: string): Promise<string> {
  const { json } = await ask(line, {
    method: "POST",
    path: "/oauth/token",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${Buffer.from(`${id}:${id}-secret`).toString("base64")}`,
    },
    body: "grant_type=client_credentials",
  });
  return json.access_token;
}

/** Which of the two tiers has exported the trace, once both are done with the request. */
async function exportedBy({ headers }: Told): Promise<string[]> {
  const id = String(headers["x-request-id"]);
  const tiers = { security: bed.security, routing: bed.routing };
  const names: string[] = [];
  for (const [name, tier] of Object.entries(tiers)) {
    await until(`${name} has ended it`, () => tier.lines.some((one) => JSON.stringify(one).includes(id)));
    if ((await tier.admin(`/traces/${id}`)).status === 200) names.push(name);
  }
  return names;
}

const both = ["security", "routing"];
const traceparent = (flags: string) => ({ traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-${flags}` });
const debugging = { "tandem-debug": "trace" };
const cases = [
  { name: "an unsampled trace is in neither tier", path: "/plain", exported: [], flags: "02" },
  { name: "a route raises it in both", path: "/all", exported: both, flags: "03" },
  {
    name: "a trusted caller has it sampled in both",
    path: "/plain",
    headers: traceparent("03"),
    exported: both,
    flags: "03",
  },
  { name: "which no route lowers", path: "/none", headers: traceparent("03"), exported: both, flags: "03" },
  { name: "nor does one raise what it left out", path: "/all", headers: traceparent("02"), exported: [], flags: "02" },
  {
    name: "a failure is in both, and was not foreseen by the service",
    path: "/fails",
    exported: both,
    flags: "02",
    told: "02",
  },
  {
    name: "a debugger's is in both, whatever the route says",
    path: "/none",
    as: "operator",
    headers: debugging,
    exported: both,
    flags: "03",
  },
  {
    name: "one who may not debug is not heard",
    path: "/plain",
    as: "viewer",
    headers: debugging,
    exported: [],
    flags: "02",
  },
  { name: "nor is nobody", path: "/plain", headers: debugging, exported: [], flags: "02" },
] as const;
for (const { name, path, exported, flags, ...more } of cases)
  test(name, async () => {
    const headers: Record<string, string> = "headers" in more ? { ...more.headers } : {};
    if ("as" in more) headers["authorization"] = `Bearer ${await tokenOf(more.as)}`;
    told = "";
    const answer = await ask(line, { path, headers });
    assert.deepEqual(await exportedBy(answer), exported);
    assert.equal(flagsOf(answer.headers["traceresponse"]), flags);
    assert.equal(told, "told" in more ? more.told : flags);
  });

test("a retry that succeeds is in both tiers, and the second instance is told so", async () => {
  for (let round = 0; round < 4; round++) {
    const answer = await ask(line, { path: "/flaky" });
    assert.equal(answer.status, 200);
    const exported = await exportedBy(answer);
    if (exported.length === 0) continue;
    assert.deepEqual([exported, told, flagsOf(answer.headers["traceresponse"])], [both, "03", "03"]);
    return;
  }
  assert.fail("no request was tried twice");
});

test("an answer of a service says nothing about our trace", async () => {
  const answer = await ask(line, { path: "/plain" });
  assert.match(String(answer.headers["traceresponse"]), /-02$/);
});
