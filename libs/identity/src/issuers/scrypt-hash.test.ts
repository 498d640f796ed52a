import assert from "node:assert/strict";
import { test } from "node:test";
import { createScryptHash, derive, isMarkedAsScrypt, readScryptHash, usualCost } from "./scrypt-hash.ts";

const salt = "A".repeat(22);
const digest = "B".repeat(43);

test("what was made of a secret is what the secret comes to again, and no other does", async () => {
  const text = await createScryptHash("correct horse", { N: 16_384, r: 8, p: 1 });
  assert.match(text, /^scrypt:16384,8,1:[\w-]{22}:[\w-]{43}$/);
  assert.ok(isMarkedAsScrypt(text));
  const read = readScryptHash(text);
  assert.ok(typeof read === "object");
  assert.deepEqual(await derive("correct horse", read), read.digest);
  assert.notDeepEqual(await derive("correct horsE", read), read.digest);
});

test("every secret has a salt of its own", async () => {
  const cost = { N: 16_384, r: 8, p: 1 };
  assert.notEqual(await createScryptHash("same", cost), await createScryptHash("same", cost));
});

test("a vector of RFC 7914 §12 comes out, by the same function", async () => {
  const vector = { cost: { N: 16_384, r: 8, p: 1 }, salt: Buffer.from("SodiumChloride"), digest: Buffer.alloc(64) };
  assert.equal(
    (await derive("pleaseletmein", vector)).toString("hex"),
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
  );
});

for (const cost of [usualCost, { N: 16_384, r: 8, p: 1 }, { N: 65_536, r: 8, p: 4 }, { N: 32_768, r: 16, p: 4 }])
  test(`a cost of ${cost.N},${cost.r},${cost.p} is accepted`, () => {
    const read = readScryptHash(`scrypt:${cost.N},${cost.r},${cost.p}:${salt}:${digest}`);
    assert.ok(typeof read === "object");
    assert.deepEqual(read.cost, cost);
  });

const refused: { text: string; why: RegExp }[] = [
  { text: `scrypt:8192,8,10:${salt}:${digest}`, why: /too weak/ },
  { text: `scrypt:16384,1,1:${salt}:${digest}`, why: /too weak/ },
  { text: `scrypt:16385,8,1:${salt}:${digest}`, why: /power of two/ },
  { text: `scrypt:0,8,1:${salt}:${digest}`, why: /power of two/ },
  { text: `scrypt:16384,8,0:${salt}:${digest}`, why: /p at least 1/ },
  { text: `scrypt:131072,8,1:${salt}:${digest}`, why: /64 MiB/ },
  { text: `scrypt:67108864,8,1:${salt}:${digest}`, why: /64 MiB/ },
  { text: `scrypt:16384,255,1:${salt}:${digest}`, why: /64 MiB/ },
  { text: `scrypt:16384,8,17:${salt}:${digest}`, why: /seconds/ },
  { text: `scrypt:16384,8,1:${"A".repeat(21)}:${digest}`, why: /expected scrypt/ },
  { text: `scrypt:16384,8,1:${salt}:${"B".repeat(42)}`, why: /expected scrypt/ },
  { text: `scrypt:16384,8,1:${salt}:${digest}=`, why: /expected scrypt/ },
  { text: `scrypt:16384,8,1:${salt}:${digest}\n`, why: /expected scrypt/ },
  { text: `scrypt:1e4,8,1:${salt}:${digest}`, why: /expected scrypt/ },
  { text: `scrypt:-16384,8,1:${salt}:${digest}`, why: /expected scrypt/ },
  { text: "scrypt:", why: /expected scrypt/ },
];
for (const { text, why } of refused)
  test(`${text.slice(0, 24)}… is refused: ${why.source}`, () => {
    const read = readScryptHash(text);
    assert.ok(typeof read === "string");
    assert.match(read, why);
  });
