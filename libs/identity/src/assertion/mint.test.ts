import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import { readCompactJws } from "../jose/compact-jws.ts";
import { isSignedBy } from "../jose/verification-key.ts";
import { Mint } from "./mint.ts";
import { createAssertionKey, signingKeysOf } from "./testing.ts";

const key = createAssertionKey("k1");
const start = 1_700_000_000;
const caller: Principal = { subject: "me", scopes: ["a"], roles: ["b"], method: "jwt" };

/** A mint whose clock is in the test's hands; times are seconds after the start. */
function mintAt(holder?: string) {
  const world = { seconds: 0, minted: 0 };
  const keys = signingKeysOf(key);
  const clock = { now: () => (start + world.seconds) * 1000, monotonic: () => 0 };
  const mint = new Mint({ keys, holder, clock, newId: () => `id-${++world.minted}` });
  const claimsOf = (principal: Principal) => readCompactJws(mint.assertionFor(principal)).payload;
  return { world, keys, mint, claimsOf };
}

test("an assertion says who calls, and nothing of the request", () => {
  const { claimsOf } = mintAt("thumbprint");
  const more = { client: "app", tenant: "acme", audiences: ["api"], issuer: "https://i.test", expires: start + 600 };
  const full: Principal = { ...caller, ...more };
  assert.deepEqual(claimsOf(full), {
    iss: "tandem:security",
    aud: "tandem:routing",
    jti: "id-1",
    iat: start,
    exp: start + 30,
    sub: "me",
    client: "app",
    scopes: ["a"],
    roles: ["b"],
    tenant: "acme",
    audiences: ["api"],
    auth: "jwt",
    via: "https://i.test",
    cnf: { "x5t#S256": "thumbprint" },
  });
});

test("it is signed by the newest key, as a type of its own", () => {
  const { header, signingInput, signature } = readCompactJws(mintAt().mint.assertionFor(caller));
  assert.deepEqual(header, { alg: "EdDSA", typ: "tandem+jwt", kid: "k1" });
  assert.ok(isSignedBy(key.publicKey, signingInput, signature));
});

test("without a client certificate it names no holder", () => assert.equal("cnf" in mintAt().claimsOf(caller), false));

test("one principal gets one assertion for twenty seconds", () => {
  const { world, mint } = mintAt();
  const text = mint.assertionFor(caller);
  world.seconds = 19.999;
  assert.equal(mint.assertionFor(caller), text);
  world.seconds = 20;
  assert.notEqual(mint.assertionFor(caller), text);
  assert.equal(world.minted, 2);
});

test("everybody anonymous shares one", () => {
  const { mint } = mintAt();
  assert.equal(mint.assertionFor(anonymous), mint.assertionFor(anonymous));
});

test("two principals that look alike get one each", () => {
  const { mint } = mintAt();
  assert.notEqual(mint.assertionFor({ ...caller }), mint.assertionFor({ ...caller }));
});

test("it never outlives the credential, nor is it made over and over before that", () => {
  const { world, mint, claimsOf } = mintAt();
  const shortly = { ...caller, expires: start + 5.5 };
  assert.equal(claimsOf(shortly)["exp"], start + 5);
  const text = mint.assertionFor(shortly);
  world.seconds = 4.9;
  assert.equal(mint.assertionFor(shortly), text);
  world.seconds = 5;
  assert.throws(() => mint.assertionFor(shortly), { code: "token.expired" });
});

test("a new key signs from its first moment", () => {
  const { keys, mint } = mintAt();
  mint.assertionFor(caller);
  keys.replace(createAssertionKey("k2"), key);
  assert.equal(readCompactJws(mint.assertionFor(caller)).header["kid"], "k2");
});
