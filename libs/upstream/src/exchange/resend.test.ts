import assert from "node:assert/strict";
import { test } from "node:test";
import { decideResend, type FailedAttempt, type Resend } from "./resend.ts";

const worn: FailedAttempt = {
  sent: true,
  answering: false,
  fresh: false,
  reset: true,
  method: "GET",
  body: false,
  second: false,
};
const unsent: FailedAttempt = { ...worn, sent: false, reset: false };

const cases: { name: string; failed: FailedAttempt; expected: Resend }[] = [
  { name: "a request that was never written goes elsewhere", failed: unsent, expected: "elsewhere" },
  {
    name: "so does a POST with a body, of which not a byte was read",
    failed: { ...unsent, method: "POST", body: true },
    expected: "elsewhere",
  },
  { name: "but only once", failed: { ...unsent, second: true }, expected: "never" },
  { name: "a GET on a worn connection goes anywhere", failed: worn, expected: "anywhere" },
  { name: "a DELETE as well", failed: { ...worn, method: "DELETE" }, expected: "anywhere" },
  { name: "but only once", failed: { ...worn, second: true }, expected: "never" },
  { name: "a POST never", failed: { ...worn, method: "POST" }, expected: "never" },
  { name: "a PATCH never", failed: { ...worn, method: "PATCH" }, expected: "never" },
  { name: "a method that nobody knows never", failed: { ...worn, method: "FROB" }, expected: "never" },
  { name: "a PUT with a body never", failed: { ...worn, method: "PUT", body: true }, expected: "never" },
  { name: "a GET with a body never", failed: { ...worn, body: true }, expected: "never" },
  {
    name: "never on a fresh connection, which the request itself may have broken",
    failed: { ...worn, fresh: true },
    expected: "never",
  },
  { name: "never once an answer has begun", failed: { ...worn, answering: true }, expected: "never" },
  { name: "never after a timeout", failed: { ...worn, reset: false }, expected: "never" },
];

for (const { name, failed, expected } of cases)
  test(`${failed.sent ? "sent" : "unsent"}: ${name}`, () => {
    assert.equal(decideResend(failed), expected);
  });
