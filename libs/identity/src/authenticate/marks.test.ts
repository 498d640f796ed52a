import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, signToken, sourceOf } from "./testing.ts";
import type { Marks } from "./verified.ts";

const key = createTestKey("EdDSA", "first");
const issuers = issuersOf(issuerWith({ issuer: "https://issuer.test", keys: sourceOf(key.verification) }));
const iat = Math.floor(Date.now() / 1000);
const claims = { iss: "https://issuer.test", sub: "me", aud: "api", iat, exp: iat + 600 };

const cases: { name: string; more: object; marks: Marks }[] = [
  {
    name: "its id and its session",
    more: { jti: "one", sid: "many" },
    marks: { id: "one", session: "many", keyId: "first", issuedAt: iat },
  },
  {
    name: "nothing that is no text",
    more: { jti: 1, sid: ["many"] },
    marks: { id: undefined, session: undefined, keyId: "first", issuedAt: iat },
  },
];
for (const { name, more, marks } of cases)
  test(`a token can be taken back by ${name}, its key and its time`, async () => {
    const seen: Marks[] = [];
    const stage = authenticate({
      kinds: [jwtKind({ issuers, clock: systemClock })],
      conditions: [(verified) => void seen.push(verified.marks)],
    });
    const { exchange } = exchangeOf({
      rawHeaders: ["authorization", `Bearer ${signToken(key, { ...claims, ...more })}`],
    });
    await stage.run(exchange);
    assert.deepEqual(seen, [marks]);
  });
