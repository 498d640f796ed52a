import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { systemClock } from "@tandem/platform/clock";
import { judge } from "./judge.ts";
import { jwtKind } from "./jwt-strategy.ts";
import { OwnStrategy } from "./own-strategy.ts";
import { Presented } from "./presented.ts";
import type { Kind } from "./strategy.ts";
import { createTestKey, issuersOf, issuerWith, signToken, sourceOf } from "./testing.ts";
import { tokenError } from "./token-error.ts";
import type { Verified } from "./verified.ts";

const presented = (text: string): Presented => new Presented({ kind: "jwt", text }, { address: "192.0.2.1", port: 1 });
const claims = { iss: "https://issuer.test", sub: "me", aud: "api", exp: Math.floor(Date.now() / 1000) + 600 };

for (const algorithm of ["RS256", "ES256", "EdDSA"] as const)
  test(`tokens of ${algorithm} are judged side by side, each for itself`, async () => {
    const [key, stranger] = [createTestKey(algorithm, "one"), createTestKey(algorithm, "one")];
    const issuers = issuersOf(issuerWith({ issuer: claims.iss, keys: sourceOf(key.verification) }));
    const kind = jwtKind({ issuers, clock: systemClock });
    const good = (sub: string) => judge(kind, presented(signToken(key, { ...claims, sub })));
    const outcomes = await Promise.all([
      good("first"),
      good("second"),
      judge(kind, presented(signToken(stranger, claims))).catch((error: unknown) => error),
      judge(kind, presented(signToken(key, { ...claims, exp: 1000 }))).catch((error: unknown) => error),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome instanceof GatewayError ? outcome.code : (outcome as Verified).principal.subject,
      ),
      ["first", "second", "token.signature", "token.expired"],
    );
  });

test("what a kind refuses, now or later, is what is refused", async () => {
  const kindOf = (strategy: OwnStrategy): Kind => ({ name: "opaque", strategy, onChange: () => {} });
  const now = new OwnStrategy(() => {
    throw tokenError("token.inactive");
  });
  const later = new OwnStrategy(() => Promise.reject(tokenError("token.inactive")));
  for (const strategy of [now, later])
    await assert.rejects(judge(kindOf(strategy), presented("x")), { code: "token.inactive", status: 401 });
});
