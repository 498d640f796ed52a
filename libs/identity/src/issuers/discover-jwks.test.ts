import assert from "node:assert/strict";
import { test } from "node:test";
import { discoverJwks, metadataUrls } from "./discover-jwks.ts";
import { UnexpectedStatus } from "./fetch-document.ts";

const issuer = "https://login.test/tenant";
const [openid, oauth] = metadataUrls(issuer);
const jwks = "https://keys.test/jwks";
const sound = { issuer, jwks_uri: jwks };

/** Discovers by answers in the test's hands: texts, documents, or a status; what is not given is 404. */
async function discover(answers: Record<string, unknown>, of = issuer) {
  const asked: string[] = [];
  const place = await discoverJwks(of, (url) => {
    asked.push(url);
    const answer = answers[url] ?? 404;
    if (answer instanceof Error) return Promise.reject(answer);
    if (typeof answer === "number") return Promise.reject(new UnexpectedStatus(url, answer));
    return Promise.resolve({ text: typeof answer === "string" ? answer : JSON.stringify(answer), freshFor: undefined });
  });
  return { place, asked };
}

const places: { issuer: string; urls: readonly string[] }[] = [
  {
    issuer: "https://a.test",
    urls: ["https://a.test/.well-known/openid-configuration", "https://a.test/.well-known/oauth-authorization-server"],
  },
  {
    issuer: "https://a.test/",
    urls: ["https://a.test/.well-known/openid-configuration", "https://a.test/.well-known/oauth-authorization-server"],
  },
  {
    issuer: "https://a.test:8443/b/c/",
    urls: [
      "https://a.test:8443/b/c/.well-known/openid-configuration",
      "https://a.test:8443/.well-known/oauth-authorization-server/b/c",
    ],
  },
];
for (const { issuer: of, urls } of places)
  test(`${of} says where its keys are in two places`, () => assert.deepEqual(metadataUrls(of), urls));

test("the first place is enough", async () => {
  assert.deepEqual(await discover({ [openid]: sound }), { place: jwks, asked: [openid] });
});

for (const status of [400, 401, 403, 404, 405, 410])
  test(`the second place is asked where the first answers ${status}`, async () => {
    assert.deepEqual(await discover({ [openid]: status, [oauth]: sound }), { place: jwks, asked: [openid, oauth] });
  });

const loopback = "http://127.0.0.1:9000";
test("an issuer on this machine may keep its keys there, without TLS", async () => {
  const document = { issuer: loopback, jwks_uri: `${loopback}/jwks` };
  const { place } = await discover({ [metadataUrls(loopback)[0]]: document }, loopback);
  assert.equal(place, `${loopback}/jwks`);
});

const refused: { name: string; answers: Record<string, unknown>; saying: RegExp }[] = [
  { name: "no place at all", answers: {}, saying: /oauth-authorization-server\/tenant answered 404/ },
  { name: "an issuer in trouble", answers: { [openid]: 503, [oauth]: sound }, saying: /answered 503/ },
  { name: "an issuer out of reach", answers: { [openid]: new TypeError("reset"), [oauth]: sound }, saying: /reset/ },
  { name: "a page", answers: { [openid]: "<html>", [oauth]: sound }, saying: /JSON/ },
  { name: "null", answers: { [openid]: "null", [oauth]: sound }, saying: /no JSON object/ },
  { name: "no issuer", answers: { [openid]: { jwks_uri: jwks } }, saying: /of the issuer undefined/ },
  {
    name: "another issuer",
    answers: { [openid]: { ...sound, issuer: "https://evil.test" }, [oauth]: sound },
    saying: /of the issuer "https:\/\/evil.test"/,
  },
  {
    name: "the issuer with a final slash",
    answers: { [openid]: { ...sound, issuer: `${issuer}/` } },
    saying: /of the/,
  },
  {
    name: "the issuer in capitals",
    answers: { [openid]: { ...sound, issuer: issuer.toUpperCase() } },
    saying: /of the/,
  },
  { name: "a list of issuers", answers: { [openid]: { ...sound, issuer: [issuer] } }, saying: /of the/ },
  { name: "no jwks_uri", answers: { [openid]: { issuer } }, saying: /names no jwks_uri/ },
  { name: "a jwks_uri that is a list", answers: { [openid]: { ...sound, jwks_uri: [jwks] } }, saying: /names no/ },
  ...[
    "",
    "/jwks",
    "http://keys.test/jwks",
    "http://localhost.evil.test/jwks",
    "http://127.0.0.1/jwks",
    "file:///etc/jwks",
    "data:application/json,{}",
    "https://user:secret@keys.test/jwks",
  ].map((place) => ({
    name: `the jwks_uri ${JSON.stringify(place)}`,
    answers: { [openid]: { ...sound, jwks_uri: place } },
    saying: /cannot be trusted/,
  })),
];
for (const { name, answers, saying } of refused)
  test(`${name} leads to no keys`, () => assert.rejects(discover(answers), saying));
