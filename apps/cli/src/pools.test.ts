import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { listening } from "./listening.testing.ts";
import { collectPools } from "./pools.ts";

/** An admin plane that answers so; gives what the command is told. */
async function plane(t: TestContext, status: number, answer: string) {
  const admin = await listening(t, (_, response) => response.writeHead(status).end(answer));
  return { admin, tokenFile: join(directoryWith(t, { token: "x" }), "token") };
}

const pools = JSON.stringify([
  { name: "orders", instances: [] },
  { name: "catalog", instances: [] },
]);

test("all pools are given, or the one that was named", async (t) => {
  const options = await plane(t, 200, pools);
  assert.deepEqual(
    (await collectPools(undefined, options)).map(({ name }) => name),
    ["orders", "catalog"],
  );
  assert.deepEqual(
    (await collectPools("catalog", options)).map(({ name }) => name),
    ["catalog"],
  );
});

const refusals = [
  {
    name: "a pool that is not there",
    status: 200,
    answer: pools,
    said: /there is no pool baskets; there are orders, catalog/,
  },
  { name: "something else that listens there", status: 200, answer: '{"a":1}', said: /is it an admin plane of Tandem/ },
  { name: "no page of that name", status: 404, answer: "", said: /is it an admin plane of Tandem/ },
  { name: "a token that is not right", status: 401, answer: "", said: /does not accept the admin token/ },
];
for (const { name, status, answer, said } of refusals)
  test(`${name} is said in a sentence`, async (t) => {
    await assert.rejects(collectPools("baskets", await plane(t, status, answer)), said);
  });

test("a tier that is not running is said in a sentence", async (t) => {
  const { tokenFile } = await plane(t, 200, "");
  await assert.rejects(collectPools(undefined, { admin: "http://127.0.0.1:1", tokenFile }), /is Tandem running/);
});
