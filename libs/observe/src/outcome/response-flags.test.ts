import assert from "node:assert/strict";
import { test } from "node:test";
import { problems, type ProblemCode } from "@tandem/contracts/errors";
import { responseFlags, type ResponseFlag } from "@tandem/contracts/response-flags";
import type { AttemptOutcome, Expired, Withheld } from "@tandem/contracts/upstream";
import { RequestRecord, type Ending, type TunnelEnd } from "@tandem/kernel/record";
import { answeredRecord } from "../testing.ts";
import { flagsOf, flagsOfProblem } from "./response-flags.ts";

const attempt = { target: "orders", instance: "orders-1", spanId: "1111111111111111", startedAt: 1 };

/** A request that went well, but for what a test says. */
function record(more: Partial<RequestRecord> = {}, ...attempts: object[]): RequestRecord {
  const made = answeredRecord(more);
  made.attempts.length = 0;
  for (const one of attempts) made.attempts.push(Object.assign({ ...attempt, outcome: "answered" as const }, one));
  return made;
}

test("a request that went well has none, and costs no list", () => {
  assert.deepEqual(flagsOf(record({}, { status: 200 })), []);
  assert.equal(flagsOf(record({}, { status: 200 })), flagsOf(record()));
  assert.deepEqual(flagsOf(record({ status: 404 }, { status: 404 })), []);
});

/** Problems that are an answer like any other. */
const plain: readonly ProblemCode[] = ["request.conflict"];

test("every problem has its flags, unless it is an answer like any other", () => {
  const codes = Object.keys(problems) as ProblemCode[];
  assert.deepEqual(
    codes.filter((code) => flagsOf(record({ error: code, status: problems[code].status })).length === 0),
    plain,
  );
  assert.deepEqual(Object.keys(flagsOfProblem).toSorted(), codes.toSorted());
});

test("what is answered with 401 says that nobody was authenticated, or that nobody vouched", () => {
  for (const [code, { status }] of Object.entries(problems)) {
    const [first] = flagsOfProblem[code as ProblemCode];
    if (status === 401) assert.match(first ?? "", /^(unauthenticated|assertion-refused)$/, code);
  }
});

const outcomes: Record<AttemptOutcome, ResponseFlag[]> = {
  answered: [],
  aborted: [],
  refused: ["connect-failed"],
  reset: ["upstream-reset"],
  timeout: ["upstream-timeout"],
};
const expiries: Record<Expired, ResponseFlag[]> = {
  connect: ["connect-failed", "upstream-timeout"],
  "first-byte": ["upstream-timeout"],
  idle: ["upstream-timeout"],
  try: ["upstream-timeout"],
  total: ["upstream-timeout"],
};
const reasons: Record<Withheld, ResponseFlag[]> = {
  budget: ["retry-withheld"],
  deadline: ["retry-withheld"],
  "retry-after": ["retry-withheld"],
  "no-instance": ["retry-withheld"],
  "breaker-open": ["retry-withheld", "breaker-open"],
  overloaded: ["retry-withheld", "overloaded"],
};
const endings: Record<Ending, ResponseFlag[]> = {
  answered: [],
  "client-left": ["client-left"],
  "broken-off": ["broken-off"],
};
const tunnelEnds: Record<TunnelEnd, ResponseFlag[]> = {
  idle: ["tunnel-idle"],
  age: ["tunnel-aged"],
  drain: ["tunnel-drained"],
};

const cases: { name: string; given: RequestRecord; slow?: number; expected: readonly ResponseFlag[] }[] = [
  ...Object.entries(outcomes).map(([outcome, expected]) => ({
    name: `an attempt that was ${outcome}`,
    given: record({}, { outcome }),
    expected,
  })),
  ...Object.entries(expiries).map(([expired, expected]) => ({
    name: `an attempt whose time ran out: ${expired}`,
    given: record({}, { outcome: "timeout", expired }),
    expected,
  })),
  ...Object.entries(reasons).map(([withheld, expected]) => ({
    name: `no further attempt: ${withheld}`,
    given: record({}, { withheld }),
    expected,
  })),
  ...Object.entries(endings).map(([ending, expected]) => ({
    name: `an end: ${ending}`,
    given: record({ ending: ending as Ending }, {}),
    expected,
  })),
  ...Object.entries(tunnelEnds).map(([tunnelEnd, expected]) => ({
    name: `a WebSocket's end: ${tunnelEnd}`,
    given: record({ upgrade: "websocket", status: 101, tunnelEnd: tunnelEnd as TunnelEnd }, {}),
    expected,
  })),
  {
    name: "one that was saved by a second instance",
    given: record({}, { outcome: "refused" }, { reason: "retry", status: 200 }),
    expected: ["connect-failed", "retried"],
  },
  {
    name: "two that were asked",
    given: record({}, { outcome: "aborted" }, { reason: "hedge", status: 200 }),
    expected: ["hedged"],
  },
  { name: "an answer of 5xx", given: record({ status: 500 }, { status: 500 }), expected: ["upstream-error"] },
  {
    name: "an upload that broke",
    given: record({}, { outcome: "reset", uploading: true }),
    expected: ["upstream-reset", "upload-broken"],
  },
  {
    name: "an answer with too long a head",
    given: record({}, { outcome: "reset", longHead: true }),
    expected: ["upstream-reset", "upstream-long-head"],
  },
  {
    name: "the last failure is told once",
    given: record({ status: 504, error: "upstream.timeout" }, { outcome: "timeout" }, { outcome: "timeout" }),
    expected: ["upstream-timeout"],
  },
  {
    name: "a policy in shadow",
    given: record({
      decision: { effect: "allow", rule: "x", reason: "", shadows: [{ policy: "p", rule: "r", effect: "deny" }] },
    }),
    expected: ["shadow-differs"],
  },
  {
    name: "what the parser refused",
    given: Object.assign(new RequestRecord(), { status: 400, error: "request.malformed" }),
    expected: ["parser-refused", "malformed"],
  },
  { name: "a slow one", given: record({ duration: 1000 }, {}), slow: 1000, expected: ["slow"] },
  { name: "one that is nearly slow", given: record({ duration: 999 }, {}), slow: 1000, expected: [] },
  {
    name: "a WebSocket, which is never slow",
    given: record({ duration: 1e6, upgrade: "websocket" }, {}),
    slow: 1000,
    expected: [],
  },
];
for (const { name, given, slow, expected } of cases)
  test(`flags of ${name}: ${expected.join(" ") || "none"}`, () => assert.deepEqual(flagsOf(given, slow), expected));

test("every word of the list is given to something, and no other", () => {
  const given = new Set([...Object.values(flagsOfProblem), ...cases.map(({ expected }) => expected)].flat());
  assert.deepEqual([...given].toSorted(), Object.keys(responseFlags).toSorted());
});
