// What `docker compose up` promises: the curl list, one trace in a real Jaeger, and tiers that scale under load.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { curlList } from "./curl-list.ts";
import { ask, bearer, tokenOf } from "./http.ts";
import { root } from "./program.ts";
import { startLoad } from "./steady-load.ts";
import { until } from "./until.ts";

const publicUrl = "https://localhost:8443";
const run = promisify(execFile);
const project = ["compose", "--project-name", "tandem-e2e"];
const compose = async (...args: string[]) => (await run("docker", [...project, ...args], { cwd: root })).stdout.trim();
/** Runs a program of ours inside a container, as somebody on the container network would. */
const inside = async (service: string, script: string) =>
  compose("exec", "-T", service, "node", "--input-type=module", "-e", script);

describe("docker compose", { timeout: 1_200_000 }, () => {
  before(() => {
    // Building shows its progress: it may take minutes on a machine that has never done it.
    execFileSync("docker", [...project, "up", "--build", "--detach", "--wait", "--wait-timeout", "300"], {
      cwd: root,
      stdio: "inherit",
    });
  });
  after(async () => {
    if (process.env["KEEP"] !== "1") await compose("down", "--volumes", "--timeout", "5");
  });

  curlList(publicUrl);

  test("one request is one trace in Jaeger, over both tiers and the demo service", async () => {
    const token = await tokenOf(publicUrl, "demo-app", "demo-secret");
    const answer = await ask(`${publicUrl}/orders`, { headers: bearer(token) });
    const traceId = String(answer.headers["traceresponse"]).split("-")[1];
    assert.match(traceId ?? "", /^[0-9a-f]{32}$/);
    let spans: any[] = [];
    let services: Record<string, { serviceName: string }> = {};
    await until(
      "Jaeger has the spans of three services",
      async () => {
        const found = await ask(`http://localhost:16686/api/traces/${traceId}`);
        ({ spans, processes: services } = found.json?.data?.[0] ?? { spans: [], processes: {} });
        return new Set(Object.values(services).map(({ serviceName }) => serviceName)).size >= 3;
      },
      { within: 20_000, every: 250 },
    );
    const names = new Set(Object.values(services).map(({ serviceName }) => serviceName));
    assert.deepEqual(names, new Set(["security-gateway", "routing-gateway", "demo-orders"]));
    const ids = new Set(spans.map((span) => span.spanID));
    const roots = spans.filter((span) => span.references.every((reference: any) => !ids.has(reference.spanID)));
    assert.equal(roots.length, 1, "every span but the first hangs on another one of the trace");
  });

  test("the routing tier shakes hands with nobody but the security tier", async () => {
    const direct = `
      import tls from "node:tls";
      const socket = tls.connect({ host: "routing-gateway", port: 8081, rejectUnauthorized: false });
      socket.on("connect", () => console.log("connected"));
      socket.on("secureConnect", () => socket.write("GET /orders HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"));
      socket.on("data", (data) => { console.log("answered", String(data).slice(0, 40)); process.exit(); });
      socket.on("error", (error) => { console.log(error.code); process.exit(); });
      socket.on("close", () => process.exit());`;
    const said = await inside("catalog", direct);
    // Somebody listens there, and asks for a certificate that we cannot show.
    assert.match(said, /^connected\n(ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED|ECONNRESET)$/);
  });

  test("with the tier's certificate and no assertion the answer is 401", async () => {
    const direct = `
      import https from "node:https"; import { readFileSync } from "node:fs";
      const tls = { cert: readFileSync("/keys/security/client.crt"), key: readFileSync("/keys/security/client.key"),
        ca: readFileSync("/keys/public/ca.crt"), servername: "routing-gateway" };
      https.get({ host: "routing-gateway", port: 8081, path: "/orders", ...tls }, async (response) => {
        let text = ""; for await (const chunk of response) text += chunk;
        console.log(response.statusCode, JSON.parse(text).type);
      });`;
    assert.equal(await inside("security-gateway", direct), "401 urn:tandem:problem:assertion.missing");
  });

  test("the private keys of a tier are mounted nowhere else", async () => {
    const config = JSON.parse(await compose("config", "--format", "json"));
    const holders = (volume: string) =>
      Object.entries<any>(config.services)
        .filter(([, service]) => (service.volumes ?? []).some((mount: any) => mount.source === volume))
        .map(([name]) => name);
    assert.deepEqual(holders("security-keys").toSorted(), ["keys", "security-gateway"]);
    assert.deepEqual(holders("routing-keys").toSorted(), ["keys", "routing-gateway"]);
  });

  test("the containers run as nobody special", async () => {
    for (const service of ["security-gateway", "routing-gateway", "catalog"])
      assert.notEqual(await inside(service, "console.log(process.getuid())"), "0", service);
  });

  test("both tiers scale up, all replicas take part, and the routing tier scales down, without one failed request", async (t) => {
    const token = await tokenOf(publicUrl, "demo-app", "demo-secret");
    const load = startLoad(t, `${publicUrl}/orders`, bearer(token));
    await scale({ "security-gateway": 2, "routing-gateway": 3 });
    await until(
      "three routing gateways and two security gateways have served",
      async () => (await servers("routing-gateway")) === 3 && (await servers("security-gateway")) === 2,
      { within: 30_000, every: 500 },
    );
    await scale({ "security-gateway": 2, "routing-gateway": 1 });
    const { asked, failures } = await load.stop();
    assert.ok(asked > 100, `only ${asked} requests were sent`);
    assert.deepEqual(failures, []);
  });
});

async function scale(counts: Record<string, number>): Promise<void> {
  const flags = Object.entries(counts).flatMap(([name, count]) => ["--scale", `${name}=${count}`]);
  await compose("up", "--detach", "--no-recreate", "--wait", "--wait-timeout", "120", ...flags);
}

/** How many containers of a tier have answered requests, told by their own metrics. */
async function servers(service: string): Promise<number> {
  const ids = (await compose("ps", "--quiet", service)).split("\n").filter(Boolean);
  const port = service === "security-gateway" ? 9081 : 9082;
  const read = `const text = await (await fetch("http://127.0.0.1:${port}/metrics")).text();
    console.log(/tandem_requests_total\\{[^}]*route="orders-read"|tandem_requests_total\\{[^}]*status="200"/.test(text));`;
  const answers = await Promise.all(
    ids.map(async (id) => (await run("docker", ["exec", id, "node", "--input-type=module", "-e", read])).stdout.trim()),
  );
  return answers.filter((answer) => answer === "true").length;
}
