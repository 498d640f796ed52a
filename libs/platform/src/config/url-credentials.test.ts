import assert from "node:assert/strict";
import { test } from "node:test";
import { isWithoutCredentials } from "./url-credentials.ts";

const urls = [
  { text: "https://a.test/jwks", free: true },
  { text: "https://a.test/jwks?mail=me@a.test", free: true },
  { text: "https://a.test/@me:1", free: true },
  { text: "https://me@a.test/", free: false },
  { text: "https://me:hunter2@a.test/", free: false },
  { text: "https://:hunter2@a.test/", free: false },
  { text: "https:me:hunter2@a.test", free: false },
  { text: "https://me:hunter2%40@a.test/", free: false },
  { text: "no URL", free: true },
];
for (const { text, free } of urls)
  test(`${text} holds ${free ? "no" : "a"} user or password`, () => assert.equal(isWithoutCredentials(text), free));
