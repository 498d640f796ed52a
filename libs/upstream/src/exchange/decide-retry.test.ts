import assert from "node:assert/strict";
import { test } from "node:test";
import { decideRetry, type Again, type FailedTry } from "./decide-retry.ts";
import { certainlyNotActedOn, idempotent, policyOf, type RetryPolicy, type Trouble } from "./retry-policy.ts";

const worn: FailedTry = {
  trouble: "reset",
  sent: true,
  answering: false,
  fresh: false,
  broken: true,
  method: "GET",
  streamed: false,
  tries: 1,
};
const unsent: FailedTry = { ...worn, trouble: "connect", sent: false, broken: false };
const late: FailedTry = { ...worn, trouble: "timeout", broken: false };
const answered: FailedTry = { ...worn, trouble: 503, answering: true, broken: false };

interface Case {
  readonly name: string;
  readonly failed: FailedTry;
  readonly expected: Again;
}

const once: Case[] = [
  { name: "a request that was never written goes elsewhere", failed: unsent, expected: "elsewhere" },
  {
    name: "so does a POST with a body, of which not a byte was read",
    failed: { ...unsent, method: "POST", streamed: true },
    expected: "elsewhere",
  },
  { name: "but only once", failed: { ...unsent, tries: 2 }, expected: "never" },
  { name: "a GET on a worn connection goes anywhere", failed: worn, expected: "anywhere" },
  { name: "a DELETE as well", failed: { ...worn, method: "DELETE" }, expected: "anywhere" },
  { name: "but no more than once", failed: { ...worn, tries: 2 }, expected: "never" },
  { name: "a POST never", failed: { ...worn, method: "POST" }, expected: "never" },
  { name: "a PATCH never", failed: { ...worn, method: "PATCH" }, expected: "never" },
  { name: "a method that nobody knows never", failed: { ...worn, method: "FROB" }, expected: "never" },
  { name: "a PUT with a body never", failed: { ...worn, method: "PUT", streamed: true }, expected: "never" },
  { name: "a GET with a body never", failed: { ...worn, streamed: true }, expected: "never" },
  {
    name: "never on a fresh connection, which the request itself may have broken",
    failed: { ...worn, fresh: true },
    expected: "never",
  },
  { name: "never once an answer has begun", failed: { ...worn, answering: true }, expected: "never" },
  { name: "never after a timeout", failed: late, expected: "never" },
  { name: "never where it waited too long for a connection", failed: { ...late, sent: false }, expected: "never" },
  { name: "never for a status", failed: answered, expected: "never" },
];
for (const { name, failed, expected } of once)
  test(`only what was certainly not acted on, ${failed.sent ? "sent" : "unsent"}: ${name}`, () => {
    assert.equal(decideRetry(failed, certainlyNotActedOn), expected);
  });

const retrying = (on: Trouble[], methods: readonly string[] = idempotent): RetryPolicy =>
  policyOf({
    attempts: 3,
    on,
    methods,
    backOff: { first: 1, most: 1 },
    budget: { ratio: 1, min: 1 },
    bodyLimit: 0,
  });

const retried: (Case & { policy: RetryPolicy })[] = [
  {
    name: "a fresh connection that broke",
    policy: retrying(["reset"]),
    failed: { ...worn, fresh: true },
    expected: "elsewhere",
  },
  {
    name: "half a head of an answer",
    policy: retrying(["connect", "reset"]),
    failed: { ...worn, answering: true },
    expected: "elsewhere",
  },
  {
    name: "an answer that makes no sense",
    policy: retrying(["reset"]),
    failed: { ...worn, broken: false },
    expected: "elsewhere",
  },
  { name: "a worn connection without connect", policy: retrying(["reset"]), failed: worn, expected: "elsewhere" },
  { name: "a refused one without connect", policy: retrying(["reset"]), failed: unsent, expected: "never" },
  { name: "a timeout", policy: retrying(["timeout"]), failed: late, expected: "elsewhere" },
  { name: "a timeout, unless named", policy: retrying(["connect", "reset"]), failed: late, expected: "never" },
  {
    name: "a timeout in the queue, with a body that undici still holds",
    policy: retrying(["timeout"]),
    failed: { ...late, sent: false, streamed: true },
    expected: "never",
  },
  { name: "a status that is named", policy: retrying([502, 503]), failed: answered, expected: "elsewhere" },
  { name: "another status", policy: retrying([502]), failed: answered, expected: "never" },
  { name: "the third try", policy: retrying([503]), failed: { ...answered, tries: 3 }, expected: "never" },
  { name: "a POST", policy: retrying([503]), failed: { ...answered, method: "POST" }, expected: "never" },
  {
    name: "a POST that is named",
    policy: retrying([503], ["POST"]),
    failed: { ...answered, method: "POST" },
    expected: "elsewhere",
  },
  {
    name: "a POST that is named, streamed",
    policy: retrying([503], ["POST"]),
    failed: { ...answered, method: "POST", streamed: true },
    expected: "never",
  },
  {
    name: "HEAD where GET is named",
    policy: retrying([503], ["GET"]),
    failed: { ...answered, method: "HEAD" },
    expected: "elsewhere",
  },
];
for (const { name, failed, policy, expected } of retried)
  test(`where services are retried, ${name}: ${expected}`, () => {
    assert.equal(decideRetry(failed, policy), expected);
  });
