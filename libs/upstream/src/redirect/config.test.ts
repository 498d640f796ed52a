import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { redirectFields } from "./config.ts";

const schema = z.strictObject(redirectFields);

test("a redirect keeps the query and the method unless it says otherwise", () => {
  assert.deepEqual(schema.parse({}), {});
  assert.deepEqual(schema.parse({ redirect: { path: "/new" } }).redirect, { path: "/new", query: "keep", status: 307 });
  const whole = { scheme: "https", host: "a.test:8443", path: "/b/{id}/**", query: "drop", status: 308 };
  assert.deepEqual(schema.parse({ redirect: whole }).redirect, whole);
});

const refused: { name: string; given: object; at: string }[] = [
  { name: "nowhere", given: {}, at: "redirect" },
  { name: "the same place with another status", given: { status: 308 }, at: "redirect" },
  { name: "another scheme alone", given: { scheme: "https", path: "/a" }, at: "redirect.scheme" },
  { name: "a scheme that runs code", given: { scheme: "javascript", host: "a.test" }, at: "redirect.scheme" },
  { name: "a status that is no redirect", given: { path: "/a", status: 200 }, at: "redirect.status" },
  { name: "an answer for caches", given: { path: "/a", status: 304 }, at: "redirect.status" },
  { name: "a path that is a host", given: { path: "//evil.test" }, at: "redirect.path" },
  { name: "a path with a backslash", given: { path: "/\\evil.test" }, at: "redirect.path" },
  { name: "a path with a query", given: { path: "/a?b=1" }, at: "redirect.path" },
  { name: "a host with a path", given: { host: "a.test/b" }, at: "redirect.host" },
  { name: "a host with a user", given: { host: "a@evil.test" }, at: "redirect.host" },
];
for (const { name, given, at } of refused)
  test(`refused: ${name}`, () => {
    const { error } = schema.safeParse({ redirect: given });
    assert.deepEqual(
      error?.issues.map(({ path }) => path.join(".")),
      [at],
    );
  });
