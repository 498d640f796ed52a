import assert from "node:assert/strict";
import { test } from "node:test";
import { confirmationOf } from "./confirmation-of.ts";

const thumbprint = "x".repeat(43);

test("a token without cnf is bound to nothing", () => assert.equal(confirmationOf(undefined), undefined));

test("a certificate and a key are told apart", () => {
  assert.deepEqual(confirmationOf({ "x5t#S256": thumbprint }), { certificate: thumbprint });
  assert.deepEqual(confirmationOf({ jkt: thumbprint }), { key: thumbprint });
});

for (const cnf of [
  null,
  "x",
  [],
  {},
  { jwk: {} },
  { kid: "a" },
  { "x5t#S256": thumbprint, kid: "a" },
  { "x5t#S256": "" },
  { "x5t#S256": `${thumbprint}=` },
  { jkt: 1 },
])
  test(`a token bound by ${JSON.stringify(cnf)} is refused`, () => {
    assert.throws(() => confirmationOf(cnf), { code: "token.claims" });
  });
