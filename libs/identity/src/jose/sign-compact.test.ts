import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestKey } from "../authenticate/testing.ts";
import { readCompactJws } from "./compact-jws.ts";
import { signCompact } from "./sign-compact.ts";
import { isSignedBy } from "./verification-key.ts";

for (const alg of ["EdDSA", "ES256"] as const)
  test(`what is signed by ${alg} reads as it was given, and that key alone signed it`, () => {
    const [key, other] = [createTestKey(alg, "k"), createTestKey(alg, "k")];
    const text = signCompact({ alg, typ: "at+jwt", kid: "k" }, { sub: "žofie" }, key.privateKey);
    const { header, payload, signingInput, signature } = readCompactJws(text);
    assert.deepEqual({ header, payload }, { header: { alg, typ: "at+jwt", kid: "k" }, payload: { sub: "žofie" } });
    assert.equal(isSignedBy(key.verification, signingInput, signature), true);
    assert.equal(isSignedBy(other.verification, signingInput, signature), false);
  });
