import assert from "node:assert/strict";
import { test } from "node:test";
import { toPrettyLine } from "@tandem/platform/log/pretty-line";
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

const brief = (record: ReturnType<typeof answeredRecord>): string => {
  let line = "";
  accessLog({ tier: "routing", brief: true, lines: { line: (text) => void (line = text) } })(record);
  return toPrettyLine(line, { colours: false }).replace(/^\S+ +/, "");
};

test("at a terminal a line is short, and names the request", () => {
  assert.equal(
    brief(answeredRecord()),
    "INFO  GET /orders/7 200 12.5 ms tier=routing by=demo route=orders-read to=orders-2 attempts=2 request=abcdefghijklmnopqrstuvwxyz",
  );
});

test("at a terminal a refusal is a warning, and a failure an error with its cause", () => {
  assert.match(brief(deniedRecord()), /^WARN {2}GET \/orders\/7 403 2 ms .* problem=access\.denied /);
  const failed = deniedRecord({ status: 503, error: "upstream.no-instance", cause: new Error("all are down") });
  assert.match(brief(failed), /^ERROR GET \/orders\/7 503 .*all are down/);
});

test("at a terminal nobody's query is shown, and a request without a path is", () => {
  const line = brief(
    deniedRecord({ path: "", method: "", target: "/../x?token=hunter2", status: 0, ending: "client-left" }),
  );
  assert.match(line, /^INFO {2}\? \/\.\.\/x client-left /);
  assert.doesNotMatch(line, /hunter2/);
});
