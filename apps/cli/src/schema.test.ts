import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { schemaText } from "./schema.ts";

test("the published schema is the one that the code has", () => {
  const published = readFileSync(resolve(import.meta.dirname, "../../../deploy/tandem.schema.json"), "utf8");
  assert.deepEqual(
    JSON.parse(published),
    JSON.parse(schemaText()),
    "run: npm run --silent tandem -- schema > deploy/tandem.schema.json",
  );
});
