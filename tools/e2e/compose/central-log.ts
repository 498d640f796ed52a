import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { ask, bearer, tokenOf } from "../http.ts";
import { root } from "../program.ts";
import { until } from "../until.ts";
import { consoles, publicUrl } from "./stack.ts";
import { traceOf } from "./trace-of.ts";

type Line = Readonly<Record<string, unknown>>;

/** What every replica logs is found in one place, by whatever is known of it, with `tandem logs`. */
export function centralLog(): void {
  test("the lines of a request are found by its trace, of both tiers, whichever replicas it passed", async () => {
    const headers = bearer(await tokenOf(publicUrl, "demo-app", "demo-secret"));
    const nodes: Record<string, Set<unknown>> = { security: new Set(), routing: new Set() };
    await until(
      "requests were served, and told, by every replica of both tiers",
      async () => {
        const answer = await ask(`${publicUrl}/orders`, { headers, fresh: true });
        const lines = await requestLines(traceOf(answer.headers));
        for (const line of lines) {
          assert.equal(line["http.request.id"], answer.headers["x-request-id"]);
          assert.equal(line["user.id"], "demo-app");
          nodes[String(line["tandem.tier"])]?.add(line["service.node.name"]);
        }
        return nodes["security"]?.size === 2 && nodes["routing"]?.size === 3;
      },
      { within: 120_000 },
    );
  });

  test("a denial is found by its principal, route, status and tier, and says why", async () => {
    const headers = bearer(await tokenOf(publicUrl, "demo-viewer", "viewer-secret"));
    const answer = await ask(`${publicUrl}/orders`, { method: "POST", headers });
    await requestLines(traceOf(answer.headers));
    const conditions = ["--principal", "demo-viewer", "--route", "orders-write", "--tier", "routing", "--since", "10m"];
    for (const status of ["403", "4xx"]) {
      const { lines } = await logs(...conditions, "--status", status);
      const [line] = lines.filter((one) => one["http.request.id"] === answer.headers["x-request-id"]);
      assert.deepEqual([line?.["error.code"], line?.["tandem.tier"]], ["access.denied", "routing"]);
    }
    assert.equal((await logs(...conditions, "--status", "5xx")).code, 1);
  });

  test("a client's requests and its connections are found by its address", async () => {
    const answer = await ask(`${publicUrl}/catalog/items`, { fresh: true });
    const [line] = await requestLines(traceOf(answer.headers));
    const address = String(line?.["client.address"]);
    assert.match(address, /^\d+\.\d+\.\d+\.\d+$/);
    const { lines: requests } = await logs("--address", address, "--request", String(answer.headers["x-request-id"]));
    assert.deepEqual(new Set(requests.map((one) => one["tandem.tier"])), new Set(["security", "routing"]));
    await until(
      "the connection is told when it has ended",
      async () => {
        const { lines } = await logs("--dataset", "connection", "--address", address, "--tier", "security");
        return lines.some((one) => one["event.dataset"] === "tandem.connection" && one["client.address"] === address);
      },
      { within: 30_000, every: 500 },
    );
  });

  test("what somebody types is looked for, and never part of the question", async () => {
    for (const principal of ['" or user_id=~".+', "\\", "`", '"} | json | x="'])
      assert.deepEqual(await logs("--principal", principal), {
        code: 1,
        lines: [],
        stderr: `asking Loki at ${consoles.loki}\nno line is like that; --since 24h looks further back\n`,
      });
  });
}

/** The request lines of a trace, once both tiers have told theirs. */
export async function requestLines(traceId: string): Promise<readonly Line[]> {
  let lines: readonly Line[] = [];
  await until(
    `both tiers have told of ${traceId}`,
    async () => {
      ({ lines } = await logs("--trace", traceId, "--dataset", "request"));
      return lines.length === 2;
    },
    { within: 30_000, every: 200 },
  );
  assert.deepEqual(new Set(lines.map((line) => line["tandem.tier"])), new Set(["routing", "security"]));
  return lines;
}

/** What `tandem logs` finds. */
function logs(...conditions: string[]): Promise<{ code: unknown; lines: readonly Line[]; stderr: string }> {
  const args = ["apps/cli/src/main.ts", "logs", "--loki", consoles.loki, "--json", ...conditions];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      const lines = stdout.split("\n").filter(Boolean);
      resolve({ code: error?.code ?? 0, lines: lines.map((line) => JSON.parse(line)), stderr });
    });
  });
}
