import assert from "node:assert/strict";
import { test } from "node:test";
import { logql } from "./logql.ts";
import { fieldOf } from "./question.ts";

test("without a condition, both tiers and nobody else are asked", () => {
  assert.equal(logql({ conditions: [] }), '{service_name=~"security-gateway|routing-gateway"}');
});

test("every condition is a filter of its own, and the tier is the stream", () => {
  const conditions = [
    { field: fieldOf.route, value: "orders-read" },
    { field: fieldOf.status, value: "5xx" },
    { field: fieldOf.tier, value: "routing" },
  ];
  assert.equal(
    logql({ conditions }),
    '{service_name="routing-gateway"} | tandem_route="orders-read" | http_response_status_code=~"5.."',
  );
});

test("a value that only looks like a class of statuses stays what it is", () => {
  assert.match(logql({ conditions: [{ field: fieldOf.principal, value: "5xx" }] }), / \| user_id="5xx"$/);
});

const hostile = [
  '" or user_id=~".+',
  "\\",
  '\\"',
  "`",
  "a\nb",
  '"} | line_format "x',
  "{{.x}}",
  "\ud800",
  "\u0000",
  "caf\u00e9",
];
for (const value of hostile)
  test(`${JSON.stringify(value)} stays inside its quotes`, () => {
    const query = logql({ conditions: [{ field: fieldOf.principal, value }] });
    const [, literal = ""] = /^\{[^}]*\} \| user_id=("(?:[^"\\\n]|\\["\\bfnrt]|\\u[0-9a-f]{4})*")$/.exec(query) ?? [];
    assert.equal(JSON.parse(literal), value.toWellFormed());
    assert.doesNotMatch(literal, /\\ud[89a-f]/, "Go takes no half characters");
  });
