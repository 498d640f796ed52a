import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, request } from "@tandem/kernel/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createKeyFile } from "../keys/create-key-file.ts";
import { openPublicKeys } from "../keys/public-keys.ts";
import { openSigningKeys } from "../keys/signing-keys.ts";
import { emptyDirectory } from "../keys/testing.ts";
import { acceptAssertion, assert as assertStage } from "./stage.ts";
import { createAssertionKey, signAssertion, signingKeysOf } from "./testing.ts";

const key = createAssertionKey("k1");
const stranger = createAssertionKey("k1");
const start = 1_700_000_000;
const caller: Principal = { subject: "me", scopes: ["a"], roles: [], method: "jwt", expires: start + 600 };
const clockAt = (seconds: () => number) => ({ now: () => (start + seconds()) * 1000, monotonic: () => 0 });
const atStart = clockAt(() => 0);

const peerWith = (certificate?: string) => ({
  address: "10.0.0.2",
  port: 1,
  tls: { version: "TLSv1.3", cipher: "c", alpn: "http/1.1", ...(certificate && { certificate }) },
});
const clear = { address: "10.0.0.2", port: 1 };

/** The headers that the security tier sends on for a principal. */
async function asserted(principal: Principal, holder?: string): Promise<string[]> {
  const rawHeaders = [
    "authorization",
    "Bearer secret",
    "x-api-key",
    "secret",
    "dpop",
    "proof",
    "accept",
    "*/*",
    "tandem-assertion",
    "forged",
  ];
  const { exchange } = exchangeOf({ rawHeaders, peer: { address: "203.0.113.7", port: 1 } });
  exchange.principal = principal;
  await assertStage({ keys: signingKeysOf(key), holder, clock: atStart }).run(exchange);
  return exchange.outgoing.applyTo(exchange.request.headers);
}

test("the audiences of the caller's token arrive, and only where it had some", async () => {
  for (const audiences of [["orders", "items"], undefined]) {
    const principal: Principal = { ...caller, ...(audiences && { audiences }) };
    const { exchange } = exchangeOf({ rawHeaders: await asserted(principal), peer: clear });
    await acceptAssertion({ keys: signingKeysOf(key), clock: atStart }).run(exchange);
    assert.deepEqual(exchange.principal, { ...principal, expires: start + 30 });
    assert.equal("audiences" in exchange.principal, audiences !== undefined);
  }
});

test("what the security tier says arrives, and the client's credentials do not", async () => {
  const rawHeaders = await asserted(caller, "thumb");
  assert.deepEqual(
    rawHeaders.filter((_, index) => index % 2 === 0),
    ["accept", "tandem-assertion", "tandem-client"],
  );
  const { exchange } = exchangeOf({ rawHeaders, peer: peerWith("thumb") });
  assert.equal(acceptAssertion({ keys: signingKeysOf(key), clock: atStart }).run(exchange), undefined);
  assert.deepEqual(exchange.principal, { ...caller, expires: start + 30 });
  assert.equal(exchange.request.clientAddress, "203.0.113.7");
  assert.equal(exchange.request.scheme, "http");
  assert.deepEqual(exchange.outgoing.applyTo(exchange.request.headers), ["accept", "*/*"]);
});

test("a credential is carried along only where it is asked for, and ends at the routing tier all the same", async () => {
  for (const [name, value] of [
    ["authorization", "Bearer secret"],
    ["x-api-key", "secret"],
  ] as const) {
    const { exchange } = exchangeOf({ rawHeaders: [name, value, "tandem-credential", "forged"], peer: clear });
    await assertStage({ keys: signingKeysOf(key), carryCredential: true, clock: atStart }).run(exchange);
    const sent = exchange.outgoing.applyTo(exchange.request.headers);
    const carried = sent.filter((_, index) => sent[index - 1] === "tandem-credential");
    assert.deepEqual(carried, [`${name} ${value}`]);
    const { exchange: arrived } = exchangeOf({ rawHeaders: sent, peer: clear });
    await acceptAssertion({ keys: signingKeysOf(key), clock: atStart }).run(arrived);
    assert.deepEqual(arrived.outgoing.applyTo(arrived.request.headers), []);
  }
});

test("the anonymous caller arrives as the anonymous caller", async () => {
  const { exchange } = exchangeOf({ rawHeaders: await asserted(anonymous), peer: clear });
  await acceptAssertion({ keys: signingKeysOf(key), clock: atStart }).run(exchange);
  assert.equal(exchange.principal, anonymous);
});

const confirmed = { claims: { cnf: { "x5t#S256": "thumb" } } };
const good = signAssertion(key, start);
const [header, , signature] = good.split(".");
const payloadOf = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const attacks: { name: string; text: string | undefined; code: string; peer?: object }[] = [
  { name: "none at all", text: undefined, code: "assertion.missing" },
  { name: "an empty one", text: "", code: "assertion.malformed" },
  { name: "rubbish", text: "rubbish", code: "assertion.malformed" },
  {
    name: "one that is too long",
    text: signAssertion(key, start, { claims: { sub: "a".repeat(13_000) } }),
    code: "assertion.malformed",
  },
  {
    name: "alg none",
    text: `${payloadOf({ alg: "none", typ: "tandem+jwt", kid: "k1" })}.${good.split(".")[1]}.`,
    code: "assertion.malformed",
  },
  {
    name: "another algorithm",
    text: signAssertion(key, start, { header: { alg: "HS256" } }),
    code: "assertion.malformed",
  },
  {
    name: "an access token",
    text: signAssertion(key, start, { header: { typ: "at+jwt" } }),
    code: "assertion.malformed",
  },
  { name: "no type", text: signAssertion(key, start, { header: { typ: undefined } }), code: "assertion.malformed" },
  { name: "no key id", text: signAssertion(key, start, { header: { kid: undefined } }), code: "assertion.malformed" },
  { name: "its own key", text: signAssertion(stranger, start, { header: { jwk: {} } }), code: "assertion.malformed" },
  { name: "an unknown key", text: signAssertion(key, start, { header: { kid: "k9" } }), code: "assertion.signature" },
  {
    name: "a key id that is a path",
    text: signAssertion(key, start, { header: { kid: "../k1" } }),
    code: "assertion.signature",
  },
  { name: "a stranger's signature", text: signAssertion(stranger, start), code: "assertion.signature" },
  {
    name: "an altered claim",
    text: `${header}.${payloadOf({ sub: "admin" })}.${signature}`,
    code: "assertion.signature",
  },
  { name: "no signature", text: good.slice(0, good.lastIndexOf(".") + 1), code: "assertion.signature" },
  {
    name: "one for somebody else",
    text: signAssertion(key, start, { claims: { aud: "tandem:other" } }),
    code: "assertion.audience",
  },
  {
    name: "one from somebody else",
    text: signAssertion(key, start, { claims: { iss: "me" } }),
    code: "assertion.malformed",
  },
  {
    name: "a missing subject",
    text: signAssertion(key, start, { claims: { sub: undefined } }),
    code: "assertion.malformed",
  },
  {
    name: "a missing expiry",
    text: signAssertion(key, start, { claims: { exp: undefined } }),
    code: "assertion.malformed",
  },
  {
    name: "scopes in one text",
    text: signAssertion(key, start, { claims: { scopes: "admin" } }),
    code: "assertion.malformed",
  },
  {
    name: "audiences in one text",
    text: signAssertion(key, start, { claims: { audiences: "orders" } }),
    code: "assertion.malformed",
  },
  {
    name: "an unknown way of proof",
    text: signAssertion(key, start, { claims: { auth: "magic" } }),
    code: "assertion.malformed",
  },
  {
    name: "a holder that is no thumbprint",
    text: signAssertion(key, start, { claims: { cnf: { jkt: "x" } } }),
    code: "assertion.malformed",
  },
  {
    name: "one that lives 31 seconds",
    text: signAssertion(key, start, { claims: { exp: start + 31 } }),
    code: "assertion.expired",
  },
  { name: "one that ended 5 seconds ago", text: signAssertion(key, start - 35), code: "assertion.expired" },
  { name: "one that begins in 6 seconds", text: signAssertion(key, start + 6), code: "assertion.expired" },
  {
    name: "another's certificate",
    text: signAssertion(key, start, confirmed),
    code: "assertion.holder",
    peer: peerWith("other"),
  },
  {
    name: "a connection without a certificate",
    text: signAssertion(key, start, confirmed),
    code: "assertion.holder",
    peer: peerWith(),
  },
  { name: "a connection in the clear", text: signAssertion(key, start, confirmed), code: "assertion.holder" },
  { name: "no holder, over mTLS", text: good, code: "assertion.holder", peer: peerWith("thumb") },
];

for (const { name, text, code, peer = clear } of attacks) {
  test(`${name}: ${code}`, async () => {
    const { exchange } = exchangeOf({
      rawHeaders: text === undefined ? [] : ["tandem-assertion", text],
      peer: peer as typeof clear,
    });
    const run = async () => acceptAssertion({ keys: signingKeysOf(key), clock: atStart }).run(exchange);
    await assert.rejects(
      run,
      (error: unknown) => error instanceof GatewayError && error.code === code && error.status === 401,
    );
    assert.equal(exchange.principal, anonymous);
  });
}

test("the control: what the attacks start from is accepted, up to the skew", async () => {
  const accept = acceptAssertion({ keys: signingKeysOf(key), clock: atStart });
  for (const text of [good, signAssertion(key, start - 34), signAssertion(key, start + 5)])
    await accept.run(exchangeOf({ rawHeaders: ["tandem-assertion", text], peer: clear }).exchange);
});

test("an accepted assertion is still held to its time and its holder", async () => {
  let seconds = 0;
  const accept = acceptAssertion({ keys: signingKeysOf(key), clock: clockAt(() => seconds) });
  const rawHeaders = ["tandem-assertion", signAssertion(key, start, confirmed)];
  const run = async (certificate: string) =>
    accept.run(exchangeOf({ rawHeaders, peer: peerWith(certificate) }).exchange);
  await run("thumb");
  await assert.rejects(run("other"), { code: "assertion.holder" });
  seconds = 34;
  await run("thumb");
  seconds = 35;
  await assert.rejects(run("thumb"), { code: "assertion.expired" });
});

test("an accepted assertion falls with its key", async () => {
  const keys = signingKeysOf(key);
  const accept = acceptAssertion({ keys, clock: atStart });
  const run = async () => accept.run(exchangeOf({ rawHeaders: ["tandem-assertion", good], peer: clear }).exchange);
  await run();
  keys.replace(createAssertionKey("k2"));
  await assert.rejects(run(), { code: "assertion.signature" });
});

test("a rotation on disk refuses nothing, at any moment of it", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  const options = { algorithm: "EdDSA", logger: silentLogger, interval: 100_000 } as const;
  const first = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory, now: 1_000_000 });
  const [keys, known] = [await openSigningKeys(directory, options), await openPublicKeys(publicDirectory, options)];
  t.after(() => [keys.close(), known.close()]);
  const [vouch, accept] = [assertStage({ keys }), acceptAssertion({ keys: known })];
  const cross = async (): Promise<void> => {
    const out = exchangeOf({ peer: { address: "203.0.113.7", port: 1 } }).exchange;
    out.principal = { ...caller, expires: Infinity };
    await vouch.run(out);
    await accept.run(exchangeOf({ rawHeaders: out.outgoing.applyTo([]), peer: clear }).exchange);
  };
  await cross();
  const second = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory, now: 2_000_000 });
  await keys.renew();
  assert.equal(keys.newest.kid, second);
  await Promise.all([cross(), cross()]);
  await rm(join(directory, `${first}.json`));
  await keys.renew();
  await cross();
});

for (const [name, text] of Object.entries({ malformed: "address=", "of nobody": "scheme=https" })) {
  test(`a client header that is ${name} is 400`, async () => {
    const { exchange } = exchangeOf({ rawHeaders: ["tandem-assertion", good, "tandem-client", text], peer: clear });
    const run = async () => acceptAssertion({ keys: signingKeysOf(key), clock: atStart }).run(exchange);
    await assert.rejects(run, { code: "request.header", status: 400 });
  });
}

test("without a client header the peer is taken for the client", async () => {
  const { exchange } = exchangeOf({ rawHeaders: ["tandem-assertion", good], peer: clear });
  await acceptAssertion({ keys: signingKeysOf(key), clock: atStart }).run(exchange);
  assert.equal(exchange.request.clientAddress, "10.0.0.2");
});

const tier = (...stages: Stage[]): Stage[] => [hygiene({ from: "security-tier" }), ...stages];

test("over the wire a direct hit is 401 with a challenge, and an assertion gets through", async (t) => {
  const stages = tier(acceptAssertion({ keys: signingKeysOf(key) }));
  const direct = await request(t, stages, { headers: { authorization: "Bearer x" } });
  assert.equal(direct.status, 401);
  assert.equal(direct.json.type, "urn:tandem:problem:assertion.missing");
  assert.equal(direct.headers["www-authenticate"], 'Tandem realm="routing", error="assertion.missing"');
  const text = signAssertion(key, Math.floor(Date.now() / 1000));
  const through = await request(t, stages, { headers: { "tandem-assertion": text } });
  assert.equal(through.status, 200);
  assert.equal(through.json.principal.subject, "me");
  assert.doesNotMatch(JSON.stringify(through.json.outgoing), /tandem-/);
});

const twice: [string, string[]][] = [
  ["assertion", ["tandem-assertion", good, "tandem-assertion", good]],
  ["client header", ["tandem-assertion", good, "tandem-client", "scheme=http", "tandem-client", "scheme=http"]],
];
for (const [name, lines] of twice)
  test(`over the wire a second ${name} is refused before anyone believes the first`, async (t) => {
    const stages = tier(acceptAssertion({ keys: signingKeysOf(key), clock: atStart }));
    const { status, json } = await request(t, stages, { headers: ["host", "a.test", ...lines] });
    assert.deepEqual([status, json.type], [400, "urn:tandem:problem:request.header"]);
  });

test("over the wire a client cannot bring an assertion of its own into the security tier", async (t) => {
  const stages = [hygiene({ from: "strangers" }), assertStage({ keys: signingKeysOf(key) })];
  const forged = signAssertion(stranger, start);
  const { json } = await request(t, stages, { headers: { "Tandem-Assertion": forged, Tandem_Client: "x" } });
  const sent = JSON.stringify(json.outgoing);
  assert.equal(sent.includes(forged), false);
  assert.equal(sent.match(/tandem-assertion/g)?.length, 1);
  assert.match(sent, /address=\\"127\.0\.0\.1/);
});
