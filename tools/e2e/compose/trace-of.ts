import assert from "node:assert/strict";

/** The trace that an answer says it belongs to. */
export function traceOf(headers: Readonly<Record<string, unknown>>): string {
  const [, id] = /^00-([0-9a-f]{32})-/.exec(String(headers["traceresponse"])) ?? [];
  assert.ok(id, `no trace in ${String(headers["traceresponse"])}`);
  return id;
}
