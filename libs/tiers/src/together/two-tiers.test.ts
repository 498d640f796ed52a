// The table of bad inputs: each is told the same over HTTP/1.1 and HTTP/2, and leaves a request id, a log line and a count.
import assert from "node:assert/strict";
import { createHmac, createPublicKey } from "node:crypto";
import { join } from "node:path";
import { after, test } from "node:test";
import { createTestKey, part, signToken, type TestKey } from "@tandem/identity/authenticate/testing";
import { ask, askRaw, audience, issuer, protocols, startBoth, type Asked, type Told } from "./testing.ts";
import { keyIn, type RunningTier } from "../testing.ts";

const bed = await startBoth({ after }, (request, response) => {
  if (request.url === "/broken") request.socket.destroy();
  else if (request.url !== "/slow")
    response.setHeader("content-type", "application/json").end(JSON.stringify(request.rawHeaders));
});

const signing = keyIn(join(bed.folder, "token-keys"), "RS256");
const { kid, privateKey, publicKey: verification } = signing;
const own: TestKey = { kid, algorithm: "RS256", privateKey, publicKey: createPublicKey(privateKey), verification };
const now = Math.floor(Date.now() / 1000);
const sound = { iss: issuer, aud: audience, sub: "me", iat: now, exp: now + 600, scope: "orders:read" };
const typ = "at+jwt";
const token = (claims: object = {}, header: object = {}): string =>
  signToken(own, { ...sound, ...claims }, { typ, ...header });
const stranger = { ...createTestKey("RS256", kid), kid };

function confused(): string {
  const input = `${part({ alg: "HS256", typ, kid })}.${part(sound)}`;
  const secret = own.publicKey.export({ type: "spki", format: "pem" });
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

const withToken = (text: string): Asked => ({ path: "/orders", headers: { authorization: `Bearer ${text}` } });

interface Case {
  readonly name: string;
  readonly asked: Asked;
  readonly status: number;
  readonly code: string;
  /** Who refuses, and so logs and counts it. Default: the security tier. */
  readonly by?: "routing";
  readonly headers?: Readonly<Record<string, RegExp>>;
}
const invalid = { "www-authenticate": /^Bearer .*error="invalid_token"/ };
const refusedToken = (name: string, text: string, code: string): Case => ({
  name,
  asked: withToken(text),
  status: 401,
  code,
  headers: invalid,
});

const cases: Case[] = [
  refusedToken("a token that is none", "x.y", "token.malformed"),
  refusedToken("an expired token", token({ iat: now - 700, exp: now - 100 }), "token.expired"),
  refusedToken("a token that is not valid yet", token({ nbf: now + 300 }), "token.not-yet-valid"),
  refusedToken("a token of an unknown issuer", token({ iss: "https://evil.test" }), "token.issuer"),
  refusedToken("a token for somebody else", token({ aud: "other" }), "token.audience"),
  refusedToken("a token without a subject", token({ sub: 7 }), "token.claims"),
  refusedToken("alg none", `${part({ alg: "none", typ })}.${part(sound)}.`, "token.algorithm"),
  refusedToken("the public key as a shared secret", confused(), "token.algorithm"),
  refusedToken("another's signature under our key id", signToken(stranger, sound, { typ }), "token.signature"),
  refusedToken("a token by an unknown key", token({}, { kid: "new" }), "token.key"),
  refusedToken("a token that is too long", token({ filler: "x".repeat(9_000) }), "token.too-long"),
  {
    name: "two credentials",
    asked: { path: "/orders", headers: { authorization: `Bearer ${token()}`, "x-api-key": "k" } },
    status: 400,
    code: "credentials.multiple",
  },
  {
    name: "a password",
    asked: { path: "/orders", headers: { authorization: "Basic dTpw" } },
    status: 401,
    code: "credentials.unsupported",
    headers: { "www-authenticate": /^Bearer realm/ },
  },
  { name: "a path with hidden dots", asked: { path: "/open/%2e%2e/orders" }, status: 400, code: "request.path" },
  { name: "a host that is none", asked: { headers: { host: "a..b" } }, status: 400, code: "request.host" },
  { name: "a header with an underscore", asked: { headers: { x_custom: "1" } }, status: 400, code: "request.header" },
  { name: "a method that nobody may use", asked: { method: "TRACE" }, status: 501, code: "request.method" },
  {
    name: "a target that is too long",
    asked: { path: `/${"x".repeat(9_000)}` },
    status: 414,
    code: "request.uri-too-long",
  },
  {
    name: "a head that is too large",
    asked: { headers: Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`x-${at}`, "1"])) },
    status: 431,
    code: "request.head-too-large",
  },
  {
    name: "a body that is too large",
    asked: { method: "POST", path: "/open", headers: { "content-length": "2000" }, body: "x".repeat(2_000) },
    status: 413,
    code: "body.too-large",
  },
  { name: "an unknown route", asked: { path: "/nowhere" }, status: 404, code: "route.unknown", by: "routing" },
  {
    name: "a method that a route has not",
    asked: { method: "POST", path: "/items" },
    status: 405,
    code: "route.method",
    by: "routing",
    headers: { allow: /^GET, HEAD$/ },
  },
  {
    name: "nobody where somebody is needed",
    asked: { path: "/orders" },
    status: 401,
    code: "identity.required",
    by: "routing",
    headers: { "www-authenticate": /^Bearer/ },
  },
  {
    name: "a token without the scope",
    asked: withToken(token({ scope: "other" })),
    status: 403,
    code: "access.denied",
    by: "routing",
  },
  {
    name: "a service without an instance",
    asked: { path: "/nobody" },
    status: 503,
    code: "upstream.no-instance",
    by: "routing",
  },
  { name: "an instance that refuses", asked: { path: "/gone" }, status: 502, code: "upstream.refused", by: "routing" },
  {
    name: "an instance that breaks off",
    asked: { path: "/broken" },
    status: 502,
    code: "upstream.failed",
    by: "routing",
  },
  { name: "an instance that is slow", asked: { path: "/slow" }, status: 504, code: "upstream.timeout", by: "routing" },
];

const telling = async (tier: RunningTier, { json }: Told): Promise<unknown[]> => {
  const line = await tier.lineOf(json.requestId);
  return [line["http.response.status_code"], line["error.code"]];
};

for (const protocol of protocols) {
  const line = { port: bed.security.port, protocol, tls: bed.tls() };

  test(`over ${protocol} what is sound gets its answer through both tiers, under one name`, async () => {
    const { status, headers } = await ask(line, withToken(token()));
    assert.equal(status, 200);
    const id = String(headers["x-request-id"]);
    const lines = await Promise.all([bed.security.lineOf(id), bed.routing.lineOf(id)]);
    assert.deepEqual(
      lines.map((one) => [one["http.response.status_code"], one["tandem.flags"], one["trace.id"]]),
      [1, 2].map(() => [200, undefined, lines[0]["trace.id"]]),
    );
  });

  for (const { name, asked, status, code, by = "security", headers = {} } of cases)
    test(`over ${protocol} ${name}: ${status} ${code}`, async () => {
      const before = await bed[by].problems(code);
      const told = await ask(line, asked);
      assert.deepEqual([told.status, told.json?.type], [status, `urn:tandem:problem:${code}`]);
      assert.equal(told.headers["content-type"], "application/problem+json");
      for (const [header, value] of Object.entries(headers)) assert.match(String(told.headers[header]), value);
      assert.equal(told.headers["x-request-id"], told.json.requestId);
      assert.deepEqual(await telling(bed[by], told), [status, code]);
      if (by === "routing") assert.deepEqual(await telling(bed.security, told), [status, undefined]);
      assert.equal(await bed[by].problems(code), before + 1);
    });
}

test("bytes that are no HTTP are a 400 with an id, a line and a count", async () => {
  const before = await bed.security.problems("request.malformed");
  const text = await askRaw(bed.security.port, bed.tls(), "GET / HTTP/1.1\r\nHost : a\r\n\r\n");
  const id = /"requestId":"([^"]+)"/.exec(text)?.[1] ?? "";
  assert.match(text, /^HTTP\/1\.1 400 .*"type":"urn:tandem:problem:request\.malformed"/s);
  assert.match(text, new RegExp(`^x-request-id: ${id}\r$`, "im"));
  const { "error.code": code, "tandem.flags": flags } = await bed.security.lineOf(id);
  assert.deepEqual([code, flags], ["request.malformed", ["parser-refused", "malformed"]]);
  assert.equal(await bed.security.problems("request.malformed"), before + 1);
});

const evil = "evil.evil.evil";
const forged =
  `tandem-assertion Tandem_Assertion tandem-client forwarded x-forwarded-for X_Forwarded_For x-forwarded-host
  x-forwarded-user x-real-ip x-user x-client-cert x-authenticated-userid`.split(/\s+/);
for (const protocol of protocols)
  test(`over ${protocol} nothing that a client forges reaches a service, nor makes it somebody`, async () => {
    const line = { port: bed.security.port, protocol, tls: bed.tls() };
    const headers = Object.fromEntries(forged.map((name) => [name, [evil, evil]]));
    const { status, json } = await ask(line, { path: "/open/as-seen", headers });
    assert.equal(status, 200);
    assert.doesNotMatch(JSON.stringify(json), /evil/);
    const refused = await ask(line, { path: "/orders", headers });
    assert.deepEqual([refused.status, refused.json.type], [401, "urn:tandem:problem:identity.required"]);
  });
