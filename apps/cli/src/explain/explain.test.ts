import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import type { ExplainAnswer } from "@tandem/contracts/explanation";
import { directoryWith } from "@tandem/platform/testing";
import { listening } from "../listening.testing.ts";
import { initKeys } from "../keys-init.ts";
import { askingFile, askingPlanes } from "./answerers.ts";
import { explanationText } from "./explanation-text.ts";
import { questionOf, type ExplainOptions } from "./options.ts";

const defaults: ExplainOptions = { header: [], address: "127.0.0.1", http: "1.1", admin: [], tokenFile: "" };
const ahead = (method: string, path: string, more: Partial<ExplainOptions> = {}) =>
  questionOf(method, `https://localhost:8443${path}`, { ...defaults, ...more });

test("a file is asked for what its tiers would do, without running them", async (t) => {
  const home = directoryWith(t, {});
  mkdirSync(join(home, "deploy/local"), { recursive: true });
  const file = join(home, "deploy/local/tandem.yaml");
  cpSync(resolve(import.meta.dirname, "../../../../deploy/local/tandem.yaml"), file);
  await initKeys(join(home, ".tandem"), { say: () => {} });
  const told = async (...asked: Parameters<typeof ahead>) =>
    explanationText(await askingFile(file)(await ahead(...asked)));

  const open = await told("get", "/catalog/items?secret=hunter2");
  assert.match(open, /^It would go to catalog by the route catalog, 127\.0\.0\.1:710[12], because it is its turn\n/);
  assert.match(open, /; 2 tries at most, /);
  assert.match(open, /matchRoute {8}catalog takes it: \/catalog\/\*\*\n {2}authorize {9}allow by anyone/);
  assert.doesNotMatch(open, /hunter2/);

  const anonymous = await told("POST", "/orders");
  assert.match(anonymous, /^401 identity\.required: .*, orders:write is missing \(decided by scopes\)\n/);

  const unknown = await told("DELETE", "/catalog/items");
  assert.match(unknown, /^405 route\.method: .*\n.*DELETE https:\/\/localhost\/catalog\/items from 127\.0\.0\.1\n/);
  assert.match(unknown, /catalog \(\/catalog\/\*\*\) lacks method GET/);

  const bad = await told("GET", "/orders", { token: "a-token-that-nobody-gave" });
  assert.match(bad, /^401 token\.malformed: .* \(by authenticate\)\n/);
  assert.doesNotMatch(bad, /nobody-gave|routing-gateway \(/, "neither is the token shown, nor the second tier asked");
});

const explanation: ExplainAnswer = {
  service: "routing-gateway",
  instance: "one",
  generation: "af",
  explanation: {
    request: { method: "GET", scheme: "https", host: "a.test", path: "/\u001b[2J", clientAddress: "192.0.2.7" },
    principal: { subject: "ann", scopes: [], roles: [], method: "jwt" },
    steps: [{ stage: "split", evidence: { service: "canary", because: "the\r\nheader" } }],
    end: { kind: "open", stage: "matchRoute", lacks: "what the body holds" },
  },
};

test("what hangs on a body that was not given says so, and nothing moves a cursor", () => {
  const text = explanationText([explanation]);
  assert.match(text, /^It hangs on what was not given: what the body holds \(matchRoute\)\n/);
  assert.match(text, /split {13}service: canary, because: the\\u000d\\u000aheader/);
  assert.ok(!text.includes("\u001b"));
});

for (const { name, status, answer, said } of [
  {
    name: "a plane that refuses",
    status: 400,
    answer: '{"detail":"url: missing"}',
    said: /answered 400: url: missing/,
  },
  { name: "a plane of another kind", status: 200, answer: "{}", said: /answered 200/ },
])
  test(`${name} is said in a sentence`, async (t) => {
    const admin = [await listening(t, (_, response) => response.writeHead(status).end(answer))];
    const tokenFile = join(directoryWith(t, { token: "x" }), "token");
    await assert.rejects(askingPlanes({ admin, tokenFile })(await ahead("GET", "/")), said);
  });

for (const { name, asked, said } of [
  {
    name: "a URL that is none",
    asked: () => questionOf("GET", "orders", defaults),
    said: /^Error: url: expected https/,
  },
  {
    name: "a file that is not there",
    asked: () => ahead("GET", "/", { body: "/nowhere" }),
    said: /nowhere cannot be read/,
  },
  {
    name: "a header with a line break, without what stands in it",
    asked: () => ahead("GET", "/", { header: [["x-secret", "hunter2\r\nx: y"]] }),
    said: /^Error: headers(?!.*hunter2)/,
  },
])
  test(`${name} is said in a sentence`, async () => {
    await assert.rejects(asked(), said);
  });

test("a token that comes from a file goes into the question, and nowhere else", async (t) => {
  const tokenFrom = join(directoryWith(t, { token: "abc\n" }), "token");
  const { headers } = await ahead("get", "/", { tokenFrom });
  assert.deepEqual(headers, [["authorization", "Bearer abc"]]);
});
