import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { logLine, logSchemaText } from "./log-schema.ts";

const process = {
  "@timestamp": "2026-11-21T09:00:00.000Z",
  "log.level": "info",
  message: "listening",
  "ecs.version": "8.17",
  "event.dataset": "tandem.process",
  "service.name": "routing-gateway",
  "service.node.name": "one",
  "tandem.tier": "routing",
};

test("the published schema is the one that the code has", () => {
  const published = readFileSync(resolve(import.meta.dirname, "../../../../deploy/log.schema.json"), "utf8");
  assert.deepEqual(
    JSON.parse(published),
    JSON.parse(logSchemaText()),
    "run: npm run --silent tandem -- schema --log > deploy/log.schema.json",
  );
});

test("a line of the process may have fields of its subject, and must say where it comes from", () => {
  assert.ok(logLine.safeParse({ ...process, port: 8443 }).success);
  const { "service.name": _, ...nameless } = process;
  assert.equal(logLine.safeParse(nameless).success, false);
});

test("a line of another kind, of another schema, or without a time is none", () => {
  for (const wrong of [{ "event.dataset": "x" }, { "ecs.version": "1.0" }, { "@timestamp": "yesterday" }])
    assert.equal(logLine.safeParse({ ...process, ...wrong }).success, false, JSON.stringify(wrong));
});
