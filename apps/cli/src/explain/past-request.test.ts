import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { listening } from "../listening.testing.ts";
import { isPastId, pastRequest, pastText } from "./past-request.ts";

const id = "abcdefghijklmnopqrstuvwxyz";
const security = {
  "@timestamp": "2026-01-02T03:04:05.000Z",
  message: "POST /orders 403 in 2.5 ms",
  "service.name": "security-gateway",
  "service.node.name": "a-1",
  "user.id": "viewer",
  "client.address": "192.0.2.7",
  "tandem.attempts": [{ target: "routing-gateway", instance: "b-1", outcome: "answered", status: 403 }],
};
const routing = {
  "@timestamp": "2026-01-02T03:04:05.001Z",
  message: "POST /orders 403 in 1 ms",
  "service.name": "routing-gateway",
  "service.node.name": "b-1",
  "tandem.route": "orders-write",
  "tandem.decision": "deny",
  "tandem.rule": "scopes",
  "tandem.reason": "orders:write is missing",
  "tandem.missing": ["orders:write"],
  "tandem.nearest": [{ rule: "office/admins", missed: ["role admin"] }],
  "tandem.shadows": [{ policy: "tokens-only", rule: "no-api-keys", effect: "deny" }],
  "tandem.flags": ["denied"],
  "error.code": "access.denied",
};

/** Two planes, each of which keeps its own tier's line. */
async function planes(t: TestContext, ...kept: (object | undefined)[]) {
  const admin = await Promise.all(
    kept.map((line) =>
      listening(t, ({ url }, response) => {
        const known = line && url === `/requests/${id}`;
        response.writeHead(known ? 200 : 404).end(known ? JSON.stringify({ requests: [line] }) : "{}");
      }),
    ),
  );
  return { admin, tokenFile: join(directoryWith(t, { token: "x" }), "token") };
}

test("what both tiers keep of a request is told as one answer, the first tier first", async (t) => {
  const lines = await pastRequest(id, await planes(t, routing, security));
  assert.equal(
    pastText(lines),
    `POST /orders 403 in 2.5 ms, at 2026-01-02T03:04:05.000Z

security-gateway (a-1)
  who               viewer, 192.0.2.7
  attempt           routing-gateway b-1: outcome answered, status 403

routing-gateway (b-1)
  route             orders-write
  decision          deny, scopes, orders:write is missing
  missing           orders:write
  flags             denied
  problem           access.denied
  nearest           office/admins missed role admin
  only watched      tokens-only/no-api-keys would deny
`,
  );
});

test("one tier's part is better than none, and no part is said in a sentence", async (t) => {
  assert.equal((await pastRequest(id, await planes(t, undefined, routing))).length, 1);
  await assert.rejects(pastRequest(id, await planes(t, undefined, undefined)), /nobody keeps a request or trace abc/);
});

test("what a stranger put into a line moves no cursor", () => {
  const told = pastText([{ ...security, "user.id": "\u001b[31mred\r\nforged" }]);
  assert.ok(!told.includes("\u001b") && !told.includes("\r"));
  assert.equal(told.split("\n").length, pastText([security]).split("\n").length);
});

for (const { text, is } of [
  { text: id, is: true },
  { text: "0af7651916cd43dd8448eb211c80319c", is: true },
  { text: "GET", is: false },
  { text: "../../config", is: false },
])
  test(`${text} is ${is ? "an" : "no"} id`, () => assert.equal(isPastId(text), is));
