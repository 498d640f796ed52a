import assert from "node:assert/strict";
import { test } from "node:test";
import { dryRun } from "../explain/dry-run.ts";
import { exchangeOf } from "../testing.ts";
import { hygiene } from "./stage.ts";

const explained = async (rawHeaders: string[], target = "/%61?x=1&y=2&x=3") => {
  const { exchange } = exchangeOf({ target, rawHeaders: ["Host", "A.test", ...rawHeaders] });
  Object.assign(exchange.request, { path: "", headers: [] });
  return dryRun([hygiene({ from: "strangers", managed: ["x-user"] })], exchange.request);
};

test("what was dropped is told by name alone", async () => {
  const given = {
    Accept: "*/*",
    "X-User": "root",
    "X-Forwarded-For": "10.0.0.1",
    "Tandem-Assertion": "precious",
    Connection: "close, x-hop",
    "X-Hop": "1",
    Cookie: "session=precious",
  };
  const { steps, request } = await explained(Object.entries(given).flat());
  assert.deepEqual(steps[0]?.evidence, {
    query: ["x", "y"],
    kept: ["accept", "cookie", "host"],
    dropped: ["x-user", "x-forwarded-for", "tandem-assertion", "x-hop"],
  });
  assert.deepEqual([request.path, request.host], ["/a", "a.test"]);
  assert.doesNotMatch(JSON.stringify(steps), /precious|root|10\.0/);
});

test("of a request that is refused nothing is told but why", async () => {
  const { end, steps } = await explained(["Content-Length", "1", "Content-Length", "2"]);
  assert.equal(end.kind === "problem" && end.code, "request.framing");
  assert.deepEqual(steps, [{ stage: "hygiene" }]);
});
