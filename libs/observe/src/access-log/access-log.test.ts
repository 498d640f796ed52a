import assert from "node:assert/strict";
import { test } from "node:test";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { accessLog } from "./access-log.ts";

test("each request is one line", () => {
  const written: string[] = [];
  const observe = accessLog({ tier: "routing", lines: { line: (text) => void written.push(text) } });
  observe(answeredRecord());
  observe(deniedRecord());
  assert.deepEqual(
    written.map((line) => JSON.parse(line).status),
    [200, 403],
  );
});
