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
    const sink = { isDebug, line: (line: string) => void lines.push(line) };
    const log = connectionLog({ tier: "security", service: "s", instance: "i", lines: sink, which });
    for (const event of events) log(event);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map((line) => line["event.reason"] ?? line["event.action"]),
      told,
    );
  });
