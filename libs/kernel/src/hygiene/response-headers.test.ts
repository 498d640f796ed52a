import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { endToEnd } from "./response-headers.ts";

const passed = ["Content-Type", "text/plain", "Set-Cookie", "a=1", "Set-Cookie", "b=2"];
const becomes = ["content-type", "text/plain", "set-cookie", "a=1", "set-cookie", "b=2"];

const cases: { name: string; given: string[]; expected: string[] }[] = [
  { name: "an ordinary answer passes, each line by itself", given: [], expected: [] },
  { name: "the length passes", given: ["Content-Length", "5"], expected: ["content-length", "5"] },
  {
    name: "one length in two lines is one length",
    given: ["Content-Length", "5", "content-length", "5"],
    expected: ["content-length", "5"],
  },
  {
    name: "the framing of the hop does not pass",
    given: ["Transfer-Encoding", "chunked", "Trailer", "x-sum", "TE", "trailers"],
    expected: [],
  },
  {
    name: "what belongs to the connection does not pass",
    given: ["Connection", "keep-alive", "Keep-Alive", "timeout=5", "Upgrade", "h2c", "Proxy-Connection", "close"],
    expected: [],
  },
  {
    name: "what Connection names does not pass",
    given: ["X-Hop", "1", "Connection", "close, X-Hop", "connection", "x-other", "X-Other", "2", "X-Kept", "3"],
    expected: ["x-kept", "3"],
  },
  {
    name: "Connection cannot name the length away",
    given: ["Connection", "Content-Length", "Content-Length", "5"],
    expected: ["content-length", "5"],
  },
  {
    name: "what only we may say does not pass",
    given: ["X-Request-Id", "theirs", "TraceResponse", "00-a", "Tandem-Assertion", "a", "tandem-any", "b"],
    expected: [],
  },
  {
    name: "what would lead clients past us does not pass",
    given: ["Alt-Svc", 'h3=":443"', "Proxy-Authenticate", "Basic"],
    expected: [],
  },
];

for (const { name, given, expected } of cases) {
  test(name, () => assert.deepEqual(endToEnd([...passed, ...given]), [...becomes, ...expected]));
}

for (const { status, expected } of [
  { status: 200, expected: ["content-length", "3"] },
  { status: 204, expected: [] },
  { status: 304, expected: ["content-length", "3"] },
])
  test(`the length of a ${status} ${expected.length > 0 ? "passes" : "does not pass"}`, () => {
    assert.deepEqual(endToEnd(["Content-Length", "3"], status), expected);
  });

const malformed: { name: string; given: string[] }[] = [
  { name: "two different lengths", given: ["Content-Length", "5", "Content-Length", "6"] },
  { name: "a list of lengths", given: ["Content-Length", "5, 5"] },
  { name: "a signed length", given: ["Content-Length", "+5"] },
  { name: "an empty length", given: ["Content-Length", ""] },
  { name: "a length beside a transfer encoding", given: ["Content-Length", "5", "Transfer-Encoding", "chunked"] },
];

for (const { name, given } of malformed) {
  test(`an answer with ${name} is the upstream's failure`, () =>
    assert.throws(
      () => endToEnd([...passed, ...given]),
      (error) => error instanceof GatewayError && error.code === "upstream.failed" && error.detail === undefined,
    ));
}
