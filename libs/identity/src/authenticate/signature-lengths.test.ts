import assert from "node:assert/strict";
import { sign } from "node:crypto";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { exchangeOf } from "@tandem/kernel/testing";
import { algorithms, type Algorithm } from "../jose/algorithm.ts";
import { signatureLength } from "../jose/verification-key.ts";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, part, signatureOf, sourceOf, type TestKey } from "./testing.ts";

const now = 1_700_000_000;
const claims = { iss: "https://issuer.test", aud: "api", sub: "me", iat: now, exp: now + 600 };
const keys = new Map(algorithms.map((algorithm) => [algorithm, createTestKey(algorithm, "k")]));

async function judge(algorithm: Algorithm, signatureFor: (key: TestKey, input: string) => Buffer): Promise<string> {
  const key = keys.get(algorithm)!;
  const input = `${part({ alg: algorithm, kid: "k" })}.${part(claims)}`;
  const issuer = issuerWith({ issuer: claims.iss, algorithms: [algorithm], keys: sourceOf(key.verification) });
  const clock = { now: () => now * 1000, monotonic: () => 0 };
  const token = `${input}.${signatureFor(key, input).toString("base64url")}`;
  const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${token}`] });
  await authenticate({ kinds: [jwtKind({ issuers: issuersOf(issuer), clock })], clock }).run(exchange);
  return exchange.principal.subject ?? "";
}

const zeros = (length: number) => (): Buffer => Buffer.alloc(length);
const shapes: { name: string; of: (key: TestKey, input: string) => Buffer }[] = [
  { name: "none", of: zeros(0) },
  { name: "10 bytes", of: () => Buffer.alloc(10, 7) },
  { name: "64 zero bytes", of: zeros(64) },
  { name: "zero bytes of the right number", of: (key) => Buffer.alloc(signatureLength(key.verification)) },
  { name: "0xff bytes of the right number", of: (key) => Buffer.alloc(signatureLength(key.verification), 255) },
  { name: "one byte too few", of: (key, input) => signatureOf(key, input).subarray(1) },
  { name: "one byte too many", of: (key, input) => Buffer.concat([signatureOf(key, input), Buffer.alloc(1)]) },
  { name: "a zero byte before it", of: (key, input) => Buffer.concat([Buffer.alloc(1), signatureOf(key, input)]) },
];

for (const algorithm of algorithms) {
  test(`the control: a ${algorithm} signature is good`, async () => {
    assert.equal(await judge(algorithm, signatureOf), "me");
  });
  for (const { name, of } of shapes)
    test(`a ${algorithm} signature of ${name} is refused as a signature`, () => refused(judge(algorithm, of)));
}

for (const algorithm of ["ES256", "ES384", "ES512"] as const)
  test(`a right ${algorithm} signature in DER is refused as a signature`, () =>
    refused(
      judge(algorithm, ({ privateKey }, input) => sign(`sha${algorithm.slice(2)}`, Buffer.from(input), privateKey)),
    ));

async function refused(judged: Promise<string>): Promise<void> {
  await assert.rejects(judged, (error: unknown) => {
    assert.ok(error instanceof GatewayError, String(error));
    assert.deepEqual([error.code, error.status], ["token.signature", 401]);
    assert.match(error.headers["www-authenticate"] ?? "", /error="invalid_token"/);
    return true;
  });
}
