import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { anonymous } from "@tandem/contracts/principal";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { exchangeOf, rawRequest, request } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, signToken, sourceOf } from "./testing.ts";

const key = createTestKey("ES256", "k1");
const iss = "https://issuer.test";
const claims = { iss, aud: "api", sub: "me", exp: Math.floor(Date.now() / 1000) + 600 };
const good = signToken(key, claims);
const stage = () =>
  authenticate({
    kinds: [
      jwtKind({
        issuers: issuersOf(issuerWith({ issuer: iss, keys: sourceOf(key.verification) })),
        clock: systemClock,
      }),
    ],
  });
const stages = () => [hygiene({ from: "strangers" }), stage()];

test("a request without a credential is anonymous", async (t) => {
  const { status, json } = await request(t, stages());
  assert.equal(status, 200);
  assert.deepEqual(json.principal, anonymous);
});

for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer  "]) {
  test(`a good token after ${JSON.stringify(scheme)} gives its principal`, async (t) => {
    const { status, json } = await request(t, stages(), { headers: { authorization: `${scheme} ${good}` } });
    assert.equal(status, 200);
    assert.equal(json.principal.subject, "me");
    assert.equal(json.principal.method, "jwt");
  });
}

const refused: { name: string; headers: string[]; status: number; code: string }[] = [
  {
    name: "two tokens",
    headers: ["Authorization", `Bearer ${good}`, "Authorization", `Bearer ${good}`],
    status: 400,
    code: "credentials.multiple",
  },
  {
    name: "two tokens in one line",
    headers: ["Authorization", `Bearer ${good}, Bearer ${good}`],
    status: 400,
    code: "credentials.multiple",
  },
  {
    name: "two tokens with a bare comma",
    headers: ["Authorization", `Bearer ${good},${good}`],
    status: 400,
    code: "credentials.multiple",
  },
  {
    name: "a token and an API key",
    headers: ["Authorization", `Bearer ${good}`, "X-API-Key", "k"],
    status: 400,
    code: "credentials.multiple",
  },
  {
    name: "an empty API key beside a token",
    headers: ["X-API-Key", "", "Authorization", `Bearer ${good}`],
    status: 400,
    code: "credentials.multiple",
  },
  { name: "two API keys", headers: ["X-API-Key", "a", "X-API-Key", "b"], status: 400, code: "credentials.multiple" },
  { name: "two API keys in one line", headers: ["X-API-Key", "a, b"], status: 400, code: "credentials.multiple" },
  { name: "an API key", headers: ["X-API-Key", "a"], status: 401, code: "credentials.unsupported" },
  { name: "a password", headers: ["Authorization", "Basic YTpi"], status: 401, code: "credentials.unsupported" },
  {
    name: "a scheme that nobody knows",
    headers: ["Authorization", `Bearers ${good}`],
    status: 401,
    code: "credentials.unsupported",
  },
  { name: "a token without a scheme", headers: ["Authorization", good], status: 401, code: "credentials.unsupported" },
  { name: "an empty line", headers: ["Authorization", ""], status: 401, code: "credentials.unsupported" },
  { name: "a scheme without a token", headers: ["Authorization", "Bearer"], status: 401, code: "token.malformed" },
  {
    name: "a token with more behind it",
    headers: ["Authorization", `Bearer ${good} x`],
    status: 401,
    code: "token.malformed",
  },
  { name: "a token in quotes", headers: ["Authorization", `Bearer "${good}"`], status: 401, code: "token.malformed" },
  {
    name: "a token of 8193 characters",
    headers: ["Authorization", `Bearer ${"a".repeat(8193)}`],
    status: 401,
    code: "token.too-long",
  },
];

for (const { name, headers, status, code } of refused) {
  test(`${name}: ${code}, over the wire`, async (t) => {
    const answer = await request(t, stages(), { headers: ["Host", "a.test", ...headers] });
    assert.equal(answer.status, status);
    assert.equal(answer.json.type, `urn:tandem:problem:${code}`);
    if (status === 401) assert.match(String(answer.headers["www-authenticate"]), /^Bearer realm="tandem"/);
    assert.equal(answer.text.includes(good), false);
  });
}

test("a bad token is told why, in the words of RFC 6750", async (t) => {
  const expired = signToken(key, { ...claims, exp: 1 });
  const { headers } = await request(t, stages(), { headers: { authorization: `Bearer ${expired}` } });
  assert.equal(
    headers["www-authenticate"],
    'Bearer realm="tandem", error="invalid_token", error_description="The token has expired"',
  );
});

test("a token in the query is no credential", async (t) => {
  const { json } = await request(t, stages(), { path: `/?access_token=${good}` });
  assert.equal(json.principal.method, "none");
});

test("an authorization header under a name with an underscore is none", async (t) => {
  const { status, json } = await request(t, stages(), { headers: { authorization_: `Bearer ${good}` } });
  assert.ok(status === 400 || json.principal.method === "none");
});

test("a folded header line does not reach the stage", async (t) => {
  const bytes = `GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer\r\n ${good}\r\n\r\n`;
  assert.match(await rawRequest(t, stages(), bytes), /^HTTP\/1\.1 400 /);
});

test("a stage whose keys are at hand costs no promise", () => {
  const { exchange } = exchangeOf({ rawHeaders: ["Authorization", `Bearer ${good}`] });
  assert.equal(stage().run(exchange), undefined);
  assert.equal(exchange.principal.subject, "me");
});

test("where the keys have to be fetched first, the request waits for them", async () => {
  const keys = { ...sourceOf(key.verification), keys: () => Promise.resolve([key.verification]) };
  const waiting = authenticate({
    kinds: [jwtKind({ issuers: issuersOf(issuerWith({ issuer: iss, keys })), clock: systemClock })],
  });
  const { exchange } = exchangeOf({ rawHeaders: ["Authorization", `Bearer ${good}`] });
  const pending = waiting.run(exchange);
  assert.equal(exchange.principal, anonymous);
  await pending;
  assert.equal(exchange.principal.subject, "me");
});

const outages = [
  { name: "at once", keys: () => Promise.reject(new GatewayError("identity.unavailable")) },
  {
    name: "after a while",
    keys: () => new Promise<never>((_, reject) => setTimeout(reject, 5, new GatewayError("identity.unavailable"))),
  },
];
for (const { name, keys } of outages) {
  test(`an issuer that turns out unreachable ${name} is 503, not 401`, async (t) => {
    const down = issuerWith({ issuer: iss, keys: { ...sourceOf(), keys } });
    const served = [
      hygiene({ from: "strangers" }),
      authenticate({ kinds: [jwtKind({ issuers: issuersOf(down), clock: systemClock })] }),
    ];
    const { status, json, headers } = await request(t, served, { headers: { authorization: `Bearer ${good}` } });
    assert.equal(status, 503);
    assert.equal(json.type, "urn:tandem:problem:identity.unavailable");
    assert.equal(headers["www-authenticate"], undefined);
  });
}

test("a defect of ours is 500 and no verdict on the token", async (t) => {
  const keys = {
    ...sourceOf(),
    keys: () => {
      throw new TypeError("defect");
    },
  };
  const served = [
    hygiene({ from: "strangers" }),
    authenticate({ kinds: [jwtKind({ issuers: issuersOf(issuerWith({ issuer: iss, keys })), clock: systemClock })] }),
  ];
  assert.equal((await request(t, served, { headers: { authorization: `Bearer ${good}` } })).status, 500);
});

test("requests of many callers each get their own principal", async () => {
  const shared = stage();
  const runs = Array.from({ length: 100 }, (_, index) => {
    const token = signToken(key, { ...claims, sub: `caller-${index}` });
    return exchangeOf({ rawHeaders: ["Authorization", `Bearer ${token}`] }).exchange;
  });
  for (const run of [...runs, ...runs]) await shared.run(run);
  assert.deepEqual(
    runs.map(({ principal }) => principal.subject),
    runs.map((_, index) => `caller-${index}`),
  );
});
