import assert from "node:assert/strict";
import { test } from "node:test";
import { MalformedJws, readCompactJws } from "./compact-jws.ts";

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const header = part({ alg: "RS256", kid: "k" });
const payload = part({ sub: "me" });

test("the strict form is read, and nothing in it is altered", () => {
  const jws = readCompactJws(`${header}.${payload}.AAAA`);
  assert.deepEqual(jws.header, { alg: "RS256", kid: "k" });
  assert.deepEqual(jws.payload, { sub: "me" });
  assert.equal(jws.signingInput, `${header}.${payload}`);
  assert.deepEqual(jws.signature, Buffer.alloc(3));
});

test("an empty signature is a form, so that alg none can be refused for what it is", () => {
  assert.equal(readCompactJws(`${part({ alg: "none" })}.${payload}.`).signature.length, 0);
});

const bytes = (...values: number[]): string => Buffer.from(values).toString("base64url");
const raw = (text: string): string => Buffer.from(text).toString("base64url");
const refused: { name: string; text: string; saying: RegExp }[] = [
  { name: "nothing", text: "", saying: /three parts/ },
  { name: "one part", text: "abcd", saying: /three parts/ },
  { name: "two parts", text: `${header}.${payload}`, saying: /three parts/ },
  { name: "four parts", text: `${header}.${payload}.AAAA.AAAA`, saying: /three parts/ },
  { name: "the five parts of a JWE", text: `${header}.AAAA.AAAA.AAAA.AAAA`, saying: /three parts/ },
  { name: "an empty header", text: `.${payload}.AAAA`, saying: /three parts/ },
  { name: "an empty payload", text: `${header}..AAAA`, saying: /three parts/ },
  { name: "padding", text: `${header}.${payload}.AA==`, saying: /base64url/ },
  { name: "a space before", text: ` ${header}.${payload}.AAAA`, saying: /base64url/ },
  { name: "a space within", text: `${header}.${payload}.AA AA`, saying: /base64url/ },
  { name: "a line break after", text: `${header}.${payload}.AAAA\n`, saying: /base64url/ },
  { name: "the characters of plain base64", text: `${header}.${payload}.A+/A`, saying: /base64url/ },
  { name: "an impossible length", text: `${header}.${payload}.AAAAA`, saying: /one base64url form/ },
  { name: "unused bits after one byte", text: `${header}.${payload}.AB`, saying: /one base64url form/ },
  { name: "unused bits after two bytes", text: `${header}.${payload}.AAB`, saying: /one base64url form/ },
  { name: "a header that is not JSON", text: `${bytes(123)}.${payload}.AAAA`, saying: /header is not JSON/ },
  { name: "a header that is a list", text: `${part([])}.${payload}.AAAA`, saying: /header is not a JSON object/ },
  { name: "a header that is null", text: `${part(null)}.${payload}.AAAA`, saying: /header is not a JSON object/ },
  { name: "a payload that is a text", text: `${header}.${part("me")}.AAAA`, saying: /payload is not a JSON object/ },
  { name: "a payload that is not UTF-8", text: `${header}.${bytes(34, 255, 34)}.AAAA`, saying: /payload is not UTF-8/ },
  {
    name: "a header with two algorithms",
    text: `${raw('{"alg":"RS256","alg":"none"}')}.${payload}.AAAA`,
    saying: /header names a member twice/,
  },
  {
    name: "a payload with two subjects, one of them escaped",
    text: `${header}.${raw('{"sub":"me","s\\u0075b":"admin"}')}.AAAA`,
    saying: /payload names a member twice/,
  },
  { name: "a byte order mark", text: `${header}.${raw('\ufeff{"sub":"me"}')}.AAAA`, saying: /payload is not JSON/ },
  { name: "no algorithm", text: `${part({})}.${payload}.AAAA`, saying: /no algorithm/ },
  { name: "an algorithm that is a list", text: `${part({ alg: ["RS256"] })}.${payload}.AAAA`, saying: /no algorithm/ },
  { name: "a key id that is a number", text: `${part({ alg: "RS256", kid: 1 })}.${payload}.AAAA`, saying: /key id/ },
  {
    name: "a key id of 257 characters",
    text: `${part({ alg: "RS256", kid: "k".repeat(257) })}.${payload}.AAAA`,
    saying: /key id/,
  },
];

for (const { name, text, saying } of refused) {
  test(`${name} is malformed`, () => {
    assert.throws(
      () => readCompactJws(text),
      (error: Error) => error instanceof MalformedJws && saying.test(error.message),
    );
  });
}

for (const name of ["jku", "x5u", "x5c", "jwk", "crit", "b64"]) {
  test(`a header that brings ${name} is malformed`, () => {
    const text = `${part({ alg: "RS256", [name]: ["exp"] })}.${payload}.AAAA`;
    assert.throws(() => readCompactJws(text), new MalformedJws(`the header parameter ${name} is not accepted`));
  });
}
