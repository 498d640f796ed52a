import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedClock } from "@tandem/platform/testing";
import { Nonces } from "./nonces.ts";

const lifetime = 60_000;
const make = (secret: string, start = 6_000_000) => {
  const clock = fixedClock(start);
  return { clock, nonces: new Nonces({ secret, lifetime, clock }) };
};

test("a nonce is good for its period and the next, and then for ever no more", () => {
  const { clock, nonces } = make("a");
  const first = nonces.current;
  assert.match(first, /^[\w-]{22}$/);
  clock.advance(59_999);
  assert.deepEqual([nonces.current, nonces.isGood(first)], [first, true]);
  clock.advance(1);
  assert.notEqual(nonces.current, first);
  assert.ok(nonces.isGood(first));
  clock.advance(lifetime);
  assert.ok(!nonces.isGood(first));
});

test("gateways with one secret know each other's nonces, also a little ahead of time; others do not", () => {
  const [one, ahead, stranger] = [make("a"), make("a", 6_000_000 + lifetime), make("b")];
  assert.ok(one.nonces.isGood(make("a").nonces.current));
  assert.ok(one.nonces.isGood(ahead.nonces.current));
  assert.ok(!one.nonces.isGood(stranger.nonces.current));
});

test("what is no nonce is not good", () => {
  const { nonces } = make("a");
  for (const text of [undefined, "", "x".repeat(22)]) assert.ok(!nonces.isGood(text));
});
