import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedClock } from "@tandem/platform/testing";
import { Presented } from "../authenticate/presented.ts";
import { RevocationBook } from "./revocation-book.ts";
import type { Revoked } from "./revocations.ts";
import { credential, type Credential } from "./testing.ts";
import { tokenDigest } from "./token-digest.ts";

const day = 86_400_000;

function create(maxEntries = 100) {
  const clock = fixedClock(1_000_000_000_000);
  const book = new RevocationBook({ maxEntries, clock });
  const add = (what: Revoked, until = clock.now() + day) => book.add({ ...what, until });
  const revoked = ({ text, verified }: Credential) =>
    book.hasRevoked(verified, new Presented({ kind: "jwt", text }, { address: "192.0.2.1", port: 1 }));
  return { clock, book, add, revoked };
}

const mine = credential({
  text: "head.claims.signature",
  principal: { subject: "me", client: "app", issuer: "https://a.test" },
  marks: { id: "7", session: "s", keyId: "k", issuedAt: 500 },
});
const bare = credential({ text: "opaque" });

const cases: { name: string; what: Revoked; meets: Credential; misses: Credential }[] = [
  {
    name: "its text",
    what: { kind: "token", digest: tokenDigest(mine.text) },
    meets: mine,
    misses: credential({ text: "head.other.signature" }),
  },
  { name: "its text without dots", what: { kind: "token", digest: tokenDigest("opaque") }, meets: bare, misses: mine },
  { name: "its id", what: { kind: "id", id: "7" }, meets: mine, misses: credential({ marks: { id: "8" } }) },
  {
    name: "its id and issuer",
    what: { kind: "id", id: "7", issuer: "https://a.test" },
    meets: mine,
    misses: credential({ marks: { id: "7" }, principal: { issuer: "https://b.test" } }),
  },
  {
    name: "its subject",
    what: { kind: "subject", subject: "me", before: 500 },
    meets: mine,
    misses: credential({ marks: { issuedAt: 501 } }),
  },
  {
    name: "its subject, without a time of issue",
    what: { kind: "subject", subject: "me", before: 0 },
    meets: bare,
    misses: credential({ principal: { subject: "you" } }),
  },
  {
    name: "its client",
    what: { kind: "client", client: "app", before: 500 },
    meets: mine,
    misses: credential({ principal: { client: "other" } }),
  },
  {
    name: "the certificate to which it is bound",
    what: { kind: "id", id: "c".repeat(43) },
    meets: credential({ marks: { id: "7" }, confirmation: { certificate: "c".repeat(43) } }),
    misses: credential({ marks: { id: "7" }, confirmation: { certificate: "d".repeat(43), key: "c".repeat(43) } }),
  },
  { name: "its session", what: { kind: "session", session: "s" }, meets: mine, misses: bare },
  { name: "its key", what: { kind: "key", keyId: "k" }, meets: mine, misses: bare },
];
for (const { name, what, meets, misses } of cases)
  test(`a credential is revoked by ${name}, and no other is`, () => {
    const { add, revoked, book } = create();
    assert.equal(revoked(meets), false);
    assert.equal(add(what), true);
    assert.deepEqual([revoked(meets), revoked(misses), book.size], [true, false, 1]);
  });

test("a name that begins like another, or that every object has, is no other's name", () => {
  const { add, revoked } = create();
  add({ kind: "id", id: "7" });
  for (const id of ["", "77", "constructor", "__proto__"]) assert.equal(revoked(credential({ marks: { id } })), false);
  add({ kind: "id", id: "__proto__" });
  assert.equal(revoked(credential({ marks: { id: "__proto__" } })), true);
});

test("another signature of the same token does not save it", () => {
  const { add, revoked } = create();
  add({ kind: "token", digest: tokenDigest("head.claims.one-signature") });
  assert.equal(revoked(credential({ text: "head.claims.another-that-is-as-good" })), true);
});

test("of two for one name the later time counts, in whatever order they come", () => {
  const early = { before: 100, until: day };
  const late = { before: 200, until: day / 2 };
  for (const [first, second] of [
    [early, late],
    [late, early],
  ] as const) {
    const { clock, book, add, revoked } = create();
    for (const { before, until } of [first, second])
      add({ kind: "subject", subject: "me", before }, clock.now() + until);
    assert.equal(book.size, 1);
    const token = credential({ marks: { issuedAt: 200 } });
    assert.equal(revoked(token), true);
    clock.advance(day - 1);
    assert.equal(revoked(token), true);
    clock.advance(1);
    assert.equal(revoked(token), false);
  }
});

test("one name of two issuers is two entries", () => {
  const { add, revoked, book } = create();
  for (const issuer of ["a", "b"]) add({ kind: "key", keyId: "1", issuer });
  const by = (issuer: string) => revoked(credential({ principal: { issuer }, marks: { keyId: "1" } }));
  assert.deepEqual([by("a"), by("b"), by("c"), book.size], [true, true, false, 2]);
});

test("what has ended leaves, and what never counted is not taken in", () => {
  const { clock, book, add } = create();
  assert.equal(add({ kind: "id", id: "late" }, clock.now()), true);
  assert.equal(book.size, 0);
  for (let at = 0; at < 20; at++) add({ kind: "id", id: `${at}` }, clock.now() + (at % 2 ? 1000 : day));
  add({ kind: "key", keyId: "k", issuer: "a" }, clock.now() + 1000);
  add({ kind: "key", keyId: "k", issuer: "b" });
  clock.advance(1000);
  assert.equal([...book.lines()].length, 11, "what has ended is not shown, swept or not");
  for (let at = 0; at < 5; at++) book.sweep(7);
  assert.equal(book.size, 11);
});

test("a full book takes in nothing new, yet what it knows may last longer", () => {
  const { clock, book, add, revoked } = create(2);
  assert.deepEqual([add({ kind: "id", id: "1" }), add({ kind: "id", id: "2" })], [true, true]);
  assert.equal(add({ kind: "id", id: "3" }), false);
  assert.equal(add({ kind: "id", id: "1" }, clock.now() + 2 * day), true);
  clock.advance(day);
  book.sweep(10);
  assert.deepEqual([add({ kind: "id", id: "3" }), book.size], [true, 2]);
  assert.equal(revoked(credential({ marks: { id: "1" } })), true);
});
