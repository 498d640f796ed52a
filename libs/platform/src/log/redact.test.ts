import assert from "node:assert/strict";
import test from "node:test";
import { costOf } from "../cost-of.testing.ts";
import { Secret } from "../config/secret.ts";
import { isSecretName, redact } from "./redact.ts";

const see = (value: unknown): unknown => redact(value, { stacks: false });

test("names that sound secret are, whatever way they are written", () => {
  const secret = [
    "authorization",
    "Proxy-Authorization",
    "cookie",
    "Set-Cookie",
    "token",
    "access_token",
    "refreshToken",
  ];
  secret.push("clientSecret", "client-secret", "password", "passphrase", "key", "api_key", "apiKey", "x-api-key");
  secret.push("signingKey", "privateKeys", "credentials", "tandem-assertion", "APIKEY");
  assert.deepEqual(
    secret.filter((name) => !isSecretName(name)),
    [],
  );
  const open = [
    "keyId",
    "kid",
    "tokenType",
    "monkey",
    "publicKey",
    "public_keys",
    "path",
    "secretary",
    "cookieCount",
    "passwordless",
  ];
  assert.deepEqual(open.filter(isSecretName), []);
});

const cases: { name: string; given: unknown; expected: unknown }[] = [
  { name: "a secret value under an innocent name", given: { db: new Secret("x") }, expected: { db: "[secret]" } },
  { name: "a secret name deep inside", given: { a: [{ token: "x" }] }, expected: { a: [{ token: "[secret]" }] } },
  {
    name: "a secret number and a secret object",
    given: { password: 1, key: { d: "x" } },
    expected: { password: "[secret]", key: "[secret]" },
  },
  { name: "that there is a token, or none", given: { token: true, key: null }, expected: { token: true, key: null } },
  {
    name: "a bearer token inside a text",
    given: "sent Bearer abc.def-123 away",
    expected: "sent Bearer [secret] away",
  },
  {
    name: "a basic credential inside a text",
    given: "authorization: basic dXNlcjpwYXNz",
    expected: "authorization: basic [secret]",
  },
  {
    name: "the password of an address",
    given: "redis://user:pw@host:6379/0",
    expected: "redis://user:[secret]@host:6379/0",
  },
  { name: "an address without one", given: "https://host:8443/a@b", expected: "https://host:8443/a@b" },
  {
    name: "a JWT inside a text",
    given: "bad token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln!",
    expected: "bad token [secret]!",
  },
  {
    name: "a JWT behind something else, and one behind another",
    given: "session-eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln, a.b.eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.",
    expected: "session-[secret], a.b.[secret]",
  },
  {
    name: "what only looks like one",
    given: "eyJ.eyJ.eyJ 127.0.0.1:80 a..b",
    expected: "eyJ.eyJ.eyJ 127.0.0.1:80 a..b",
  },
  {
    name: "a token that is bound to a key",
    given: "authorization: DPoP hunter2hunter2",
    expected: "authorization: DPoP [secret]",
  },
  {
    name: "what a form holds",
    given: "grant_type=x&client_secret=hunter2&refresh_token=hunter2 and api-key=hunter2",
    expected: "grant_type=x&client_secret=[secret]&refresh_token=[secret] and api-key=[secret]",
  },
  {
    name: "what an answer holds",
    given: '{"access_token": "hunter2","token_type":"Bearer","client_secret":"hunter2"}',
    expected: '{"access_token": "[secret]","token_type":"Bearer","client_secret":"[secret]"}',
  },
  {
    name: "a date and a broken one",
    given: [new Date(0), new Date(Number.NaN)],
    expected: ["1970-01-01T00:00:00.000Z", "[invalid date]"],
  },
  { name: "what JSON cannot hold", given: [1n, Symbol("s"), undefined], expected: ["1", "Symbol(s)", undefined] },
  { name: "bytes", given: Buffer.from("hunter2"), expected: "[7 bytes]" },
  { name: "maps and sets", given: [new Map([["token", "x"]]), new Set([1])], expected: [{ token: "[secret]" }, [1]] },
];
for (const { name, given, expected } of cases) {
  test(`${name} can be shown`, () => assert.deepEqual(see(given), expected));
}

test("cycles, depths, widths and lengths end", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = { again: cycle };
  assert.deepEqual(see(cycle), { self: { again: "[cycle]" } });
  let deep: unknown = "bottom";
  for (let at = 0; at < 50; at += 1) deep = { deep };
  assert.match(JSON.stringify(see(deep)), /^(\{"deep":){6}"\[deeper\]"/);
  const wide = see(Array.from({ length: 1000 }, (_, at) => at));
  assert.ok(Array.isArray(wide) && wide.length === 101 && wide[100] === "[900 more]");
  assert.equal(String(see("x".repeat(10_000))).length, 8192 + "…[1808 more]".length);
});

test("the same object twice is no cycle", () => {
  const shared = { a: 1 };
  assert.deepEqual(see([shared, shared]), [{ a: 1 }, { a: 1 }]);
});

test("a getter that throws does not end the line", () => {
  const given = {
    fine: 1,
    get broken() {
      throw new Error("no");
    },
  };
  assert.deepEqual(see(given), { fine: 1, broken: "[unreadable]" });
});

test("an error is told with its chain of causes, without stacks and without what hangs on it", () => {
  const root = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", config: { headers: {} } });
  const error = new TypeError("fetch failed", { cause: new AggregateError([root], "all failed") });
  assert.deepEqual(see({ error }), {
    error: {
      name: "TypeError",
      message: "fetch failed",
      cause: {
        name: "AggregateError",
        message: "all failed",
        errors: [{ message: "connect ECONNREFUSED", code: "ECONNREFUSED" }],
      },
    },
  });
});

test("stacks are shown to those who ask, and a chain that bites its tail ends", () => {
  const error = new Error("a");
  error.cause = error;
  const shown = JSON.stringify(redact(error, { stacks: true }));
  assert.match(shown, /"stack":"Error: a/);
  assert.ok(shown.length < 20_000);
  assert.deepEqual(see({ cause: "x", error: new Error("a", { cause: { token: "x" } }) }), {
    cause: "x",
    error: { message: "a", cause: { message: "a thrown object" } },
  });
});

test("a credential that the cut goes through is none of what is left", () => {
  const token = `eyJhbGciOiJFZERTQSJ9.${"a".repeat(200)}.c2ln`;
  assert.doesNotMatch(String(see(`${"x ".repeat(4090)}${token}${" x".repeat(9000)}`)), /eyJ/);
});

for (const piece of ["-eyJ", "eyJ.", "-eyJaaaaaaaa.", "bearer ", "//a:", "token", 'token":"', "."])
  test(`a text of nothing but ${piece} is read at a cost in proportion to its length`, () => {
    const cost = (length: number): number => costOf(() => see(piece.repeat(length / piece.length)));
    const [short, long] = [cost(1_000), cost(8_000)];
    assert.ok(long < 30 * short, `${short} ms became ${long} ms, eight times as long`);
  });
