import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createAdmin } from "@tandem/kernel/admin/admin";
import { adminSchema } from "@tandem/kernel/admin/config";
import { createReadiness } from "@tandem/kernel/admin/readiness";
import { Secret } from "@tandem/platform/config/secret";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createAccessLine } from "../access-log/access-line.ts";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { createRecentRequests } from "./recent-requests.ts";
import { requestsSections } from "./requests-sections.ts";

const origin = { service: "routing-gateway", instance: "one" };
const token = "a-token-for-the-tests";

/** Starts an admin plane that knows two requests, and gives what asks it. */
async function plane(t: TestContext) {
  const recent = createRecentRequests({ keep: 10 });
  const lineOf = createAccessLine({ tier: "routing", ...origin });
  recent.add(lineOf(answeredRecord({ id: "well" })));
  recent.add(lineOf(deniedRecord({ id: "denied", flags: ["denied"] })));
  const admin = createAdmin({
    config: { ...adminSchema({ port: 0 }).parse({}), token: new Secret(token) },
    readiness: createReadiness({}),
    metrics: (_, response) => void response.end(),
    view: () => ({}),
    sections: requestsSections(recent, origin),
    requestId: () => "asked",
    logger: silentLogger,
  });
  const { port } = await admin.listen();
  t.after(() => admin.close());
  return async (path: string, bearer = token) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
    const json: any = await answer.json();
    return { status: answer.status, json, ids: json.requests?.map((line: any) => line["http.request.id"]) };
  };
}

test("the latest requests are listed for holders of the token, newest first", async (t) => {
  const get = await plane(t);
  const { json, ids } = await get("/requests");
  assert.deepEqual([json.service, json.instance, ids], [origin.service, origin.instance, ["denied", "well"]]);
  for (const path of ["/requests", "/requests/well"]) assert.equal((await get(path, "another")).status, 401);
});

test("they can be narrowed down", async (t) => {
  const get = await plane(t);
  for (const query of ["limit=1", "status=4xx", "flag=denied", "route=orders-read&principal=demo&limit=1"])
    assert.deepEqual((await get(`/requests?${query}`)).ids, ["denied"], query);
  assert.deepEqual((await get("/requests?route=nowhere")).ids, []);
});

test("a question that cannot be understood says what can be asked", async (t) => {
  const get = await plane(t);
  for (const query of [
    "limit=0",
    "limit=x",
    "limit=1&limit=2",
    "status=404",
    "status=9xx",
    "flag=toString",
    "rout=a",
  ]) {
    const { status, json } = await get(`/requests?${query}`);
    assert.deepEqual([status, json.type], [400, "urn:tandem:problem:request.malformed"], query);
    assert.match(json.detail, /limit is 1 to 9999/);
  }
});

test("one request is found by its id, and an unknown one is a 404", async (t) => {
  const get = await plane(t);
  assert.deepEqual((await get("/requests/well")).ids, ["well"]);
  const { status, json } = await get("/requests/never");
  assert.deepEqual([status, json.detail], [404, "No such request is kept here"]);
});

test("whoever asks again is told only of what has ended since", async (t) => {
  const get = await plane(t);
  assert.deepEqual((await get("/requests?after=well")).ids, ["denied"]);
  assert.deepEqual((await get("/requests?after=denied")).ids, []);
  assert.deepEqual((await get("/requests?after=forgotten")).ids, ["denied", "well"]);
  assert.equal((await get("/requests?after=%22")).status, 400);
});
