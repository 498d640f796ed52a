import assert from "node:assert/strict";
import { test } from "node:test";
import { createMarkedSecret, isMarkedSecret } from "./marked-secret.ts";

test("a secret has its prefix, one length, and letters and digits alone", () => {
  for (let turn = 0; turn < 200; turn++) assert.match(createMarkedSecret("tdo"), /^tdo_[0-9A-Za-z]{49}$/);
  assert.notEqual(createMarkedSecret("tdo"), createMarkedSecret("tdo"));
});

test("a secret is one of its own prefix and of no other", () => {
  const secret = createMarkedSecret("tdm_demo");
  assert.equal(isMarkedSecret(secret, "tdm_demo"), true);
  for (const prefix of ["tdm", "tdo", "tdm_dem", "tdm_demo_"]) assert.equal(isMarkedSecret(secret, prefix), false);
});

test("any other character, anywhere, is noticed", () => {
  const secret = createMarkedSecret("tdo");
  for (let at = 0; at < secret.length; at++) {
    const other = secret[at] === "x" ? "y" : "x";
    assert.equal(isMarkedSecret(secret.slice(0, at) + other + secret.slice(at + 1), "tdo"), false, `at ${at}`);
  }
});

for (const text of ["", "tdo_", "tdo", `tdo_${"0".repeat(48)}é`, `tdo_${"0".repeat(49)}`, `tdo_${"0".repeat(50)}`])
  test(`${JSON.stringify(text)} is none`, () => assert.equal(isMarkedSecret(text, "tdo"), false));
