import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { dryRun } from "@tandem/kernel/explain/dry-run";
import { bodyNotGiven } from "@tandem/kernel/explain/not-given";
import { exchangeOf } from "@tandem/kernel/testing";
import type { RouteMatch } from "./config.ts";
import type { MatchEvidence } from "./explain-match.ts";
import { createRouteTable } from "./route-table.ts";
import { matchRoute } from "./stage.ts";

const allow = { kind: "anyone" } as const;
const matches: Record<string, RouteMatch> = {
  any: { path: "/**" },
  orders: { path: "/o", body: { pointer: "/type", is: "order", limit: 99 } },
  both: { path: "/o", headers: { x: "1" }, body: { pointer: "/type", is: "order", limit: 99 } },
};
const stage = matchRoute(
  createRouteTable(Object.entries(matches).map(([name, match]) => ({ name, match, service: "s", allow }))),
);
const rawHeaders = ["content-type", "application/json"];

/** The route, or how it ended, and what each lacked. */
async function explained(body: string | undefined, path = "/o"): Promise<string[]> {
  const content = body === undefined ? undefined : Buffer.from(body);
  const { exchange } = exchangeOf({
    path,
    method: "POST",
    rawHeaders: [...rawHeaders, "content-length", String(content?.length ?? 7)],
    body: content ? Readable.from([content]) : bodyNotGiven(),
  });
  const { route, end, steps } = await dryRun([stage], exchange.request, content && { content });
  const { considered } = steps[0]!.evidence as MatchEvidence;
  const lacking = considered.map((one) => [one.route, ...one.lacks].join("; "));
  return [route ?? (end.kind === "open" ? `open: ${end.lacks}` : end.kind), ...lacking];
}

test("a body that is given counts, also for routes that lack something before anybody reads it", async () => {
  assert.deepEqual(await explained('{"type":"order"}'), ["orders", "both; header x = 1", "orders"]);
  assert.deepEqual(await explained('{"type":"else"}'), [
    "any",
    "both; header x = 1; body /type = order",
    "orders; body /type = order",
    "any",
  ]);
});

test("a body that was not given leaves open which route it is, and is not missed where no route asks for it", async () => {
  const [end] = await explained(undefined);
  assert.equal(end, "open: what the body holds");
  assert.deepEqual(await explained(undefined, "/elsewhere"), ["any", "any"]);
});

test("of very many routes the first ones and the one that takes it are told", async () => {
  const names = Array.from({ length: 300 }, (_, index) => `r${index}`);
  const table = createRouteTable([
    ...names.map((name) => ({ name, match: { path: "/o", query: { n: name } }, service: "s", allow })),
    { name: "last", match: { path: "/o" }, service: "s", allow },
  ]);
  const { exchange } = exchangeOf({ path: "/o" });
  const { steps } = await dryRun([matchRoute(table)], exchange.request);
  const { considered, unlisted } = steps[0]!.evidence as MatchEvidence;
  assert.deepEqual([considered.length, unlisted, considered.at(-1)?.route], [100, 201, "last"]);
});
