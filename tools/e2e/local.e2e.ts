// What `npm start` promises: both tiers and the demo services, on one machine, without Docker.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { curlList } from "./curl-list.ts";
import { ask } from "./http.ts";
import { ours, root, type Program } from "./program.ts";
import { until } from "./until.ts";

const publicUrl = "https://localhost:8443";
const ports = [8443, 8081, 9081, 9082, 7101, 7102, 7201, 7202, 7301, 7302];
const start = () => ours("apps/cli/src/main.ts", ["dev"], "npm start");

describe("npm start", () => {
  let dev: Program;
  before(async () => {
    dev = start();
    await dev.says("Tandem is ready.", 60_000);
  });
  after(async () => {
    await dev.end("SIGKILL");
  });

  curlList(publicUrl);

  test("the routing tier believes nobody who comes without an assertion", async () => {
    const answer = await ask("http://localhost:8081/orders");
    assert.equal(answer.status, 401);
    assert.equal(answer.json.type, "urn:tandem:problem:assertion.missing");
  });

  test("the commands on the first screen work as they are printed", async () => {
    const token = /TOKEN=(\S+)/.exec(dev.output)?.[1];
    assert.ok(token);
    assert.equal((await ask(`${publicUrl}/orders`, { headers: { authorization: `Bearer ${token}` } })).status, 200);
  });

  test("the API key on the first screen opens what a viewer may see, until the key is revoked", async () => {
    const tandem = (...args: string[]) =>
      execFileSync(process.execPath, ["apps/cli/src/main.ts", "keys", ...args], { cwd: root }).toString();
    const [demo = ""] = /tdm_demo_\w+/.exec(dev.output) ?? [];
    const withKey = (key: string) => ask(`${publicUrl}/orders`, { headers: { "x-api-key": key } });
    assert.equal((await withKey(demo)).status, 200);
    const { key, secret } = JSON.parse(tandem("create", "--name", "e2e", "--owner", "e2e", "--json"));
    assert.equal((await withKey(secret)).status, 403);
    tandem("revoke", key.id);
    assert.equal((await withKey(secret)).json.type, "urn:tandem:problem:credentials.invalid");
    assert.ok(!tandem("list").includes(demo));
  });

  test("curl itself is content with what it is told to do", () => {
    const status = execFileSync("curl", ["-sk", "-o", "/dev/null", "-w", "%{http_code}", `${publicUrl}/catalog/items`]);
    assert.equal(status.toString(), "200");
  });

  test("a request is one trace over both tiers, printed as a tree by its request id", async () => {
    const answer = await ask(`${publicUrl}/catalog/items`);
    const id = String(answer.headers["x-request-id"]);
    const tree = execFileSync(process.execPath, ["apps/cli/src/main.ts", "trace", id], { cwd: root }).toString();
    assert.match(tree, /security-gateway[\s\S]*routing-gateway[\s\S]*catalog/);
  });

  test("the lines of a request are found in both tiers, by what is known of it, without a central log", async () => {
    const answer = await ask(`${publicUrl}/catalog/items`);
    const [, trace = ""] = String(answer.headers["traceresponse"]).split("-");
    const logs = (...conditions: string[]): any[] =>
      execFileSync(process.execPath, ["apps/cli/src/main.ts", "logs", "--json", ...conditions], { cwd: root })
        .toString()
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    const tiers = logs("--trace", trace).map((line) => line["tandem.tier"]);
    assert.deepEqual(new Set(tiers), new Set(["security", "routing"]));
    const [last] = logs("--route", "catalog", "--status", "2xx", "--limit", "1");
    assert.deepEqual([last["tandem.route"], last["http.response.status_code"]], ["catalog", 200]);
  });

  test("the admin plane gives the configuration to its token alone, without a secret in it", async () => {
    assert.equal((await ask("http://localhost:9081/config")).status, 401);
    const token = execFileSync("cat", [`${root}/.tandem/admin-token`])
      .toString()
      .trim();
    const answer = await ask("http://localhost:9081/config", { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text, new RegExp(token));
    assert.equal((await ask("http://localhost:9081/readyz")).status, 200);
    assert.match((await ask("http://localhost:9082/metrics")).text, /tandem_requests/);
  });

  test("a second start says in one line which port is taken", async () => {
    const second = start();
    await until("the second start ends", () => second.ended, { within: 20_000 });
    assert.equal(second.child.exitCode, 1);
    assert.match(second.output, /port 8443 \(.*\) is taken/);
  });

  test("Ctrl-C ends everything and leaves nothing behind", async () => {
    assert.equal(await dev.end("SIGINT"), 0);
    for (const port of ports) await until(`port ${port} is free`, () => isFree(port), { within: 5_000 });
  });
});

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
