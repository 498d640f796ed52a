import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectionEvent } from "@tandem/kernel/listener/connection-event";
import { connectionLog } from "./connection-log.ts";
import { closed } from "./testing.ts";

const events: ConnectionEvent[] = [
  closed(),
  closed({ end: "client-reset" }),
  closed({ end: "proxy-refused" }),
  closed({ end: "unused" }),
  { kind: "dropped", endedAt: 0, count: 1 },
];

for (const { which, isDebug, told } of [
  { which: "all", isDebug: false, told: ["client-closed", "client-reset", "proxy-refused", "connections-dropped"] },
  {
    which: "all",
    isDebug: true,
    told: ["client-closed", "client-reset", "proxy-refused", "unused", "connections-dropped"],
  },
  { which: "failures", isDebug: true, told: ["client-reset", "proxy-refused", "connections-dropped"] },
  { which: "none", isDebug: true, told: [] },
] as const)
  test(`log.connections: ${which}${isDebug ? ", at debug" : ""} tells ${told.join(", ") || "nothing"}`, () => {
    const lines: string[] = [];
    const sink = { isDebug, line: (line: string) => void lines.push(line), error: assert.fail };
    const log = connectionLog({ tier: "security", service: "s", instance: "i", lines: sink, which });
    for (const event of events) log(event);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map((line) => line["event.reason"] ?? line["event.action"]),
      told,
    );
  });

test("a connection that cannot be put into words is reported once, and hurts nobody", () => {
  const lines: string[] = [];
  const errors: string[] = [];
  const line = (text: string): void => {
    if (text.includes("client-reset")) throw new Error("no room");
    lines.push(text);
  };
  const sink = { isDebug: false, line, error: (message: string) => void errors.push(message) };
  const log = connectionLog({ tier: "security", service: "s", instance: "i", lines: sink, which: "all" });
  for (const end of ["client-reset", "client-reset", "client-closed"] as const) log(closed({ end }));
  assert.equal(lines.length, 1);
  assert.deepEqual(errors, ["the connection log failed; its later failures are not reported"]);
});
