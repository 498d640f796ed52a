import assert from "node:assert/strict";
import { test } from "node:test";
import { OAuthError } from "./oauth-error.ts";
import { presentedClient } from "./presented-client.ts";
import { formOf } from "./read-form.ts";
import { grantedScopes } from "./granted-scopes.ts";

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
const read = (authorization: string[], body = "") => presentedClient(authorization, formOf(Buffer.from(body)));

const accepted: { name: string; authorization: string[]; body?: string; expected: object }[] = [
  { name: "HTTP Basic", authorization: [basic("app:s3cret")], expected: { by: "secret", id: "app", secret: "s3cret" } },
  {
    name: "any case of the scheme",
    authorization: [basic("app:s").replace("Basic", "bAsIc")],
    expected: { by: "secret", id: "app", secret: "s" },
  },
  {
    name: "a colon in the secret",
    authorization: [basic("app:a:b")],
    expected: { by: "secret", id: "app", secret: "a:b" },
  },
  {
    name: "form-encoded parts",
    authorization: [basic("a%3Ab:c+d%2B")],
    expected: { by: "secret", id: "a:b", secret: "c d+" },
  },
  { name: "an empty secret", authorization: [basic("app:")], expected: { by: "secret", id: "app", secret: "" } },
  {
    name: "parameters",
    authorization: [],
    body: "client_id=app&client_secret=s%20t",
    expected: { by: "secret", id: "app", secret: "s t" },
  },
  {
    name: "Basic, and its own id as a parameter",
    authorization: [basic("app:s")],
    body: "client_id=app",
    expected: { by: "secret", id: "app", secret: "s" },
  },
  { name: "a name alone", authorization: [], body: "client_id=app", expected: { by: "name", id: "app" } },
  {
    name: "an empty secret as a parameter, which is none,",
    authorization: [],
    body: "client_id=app&client_secret=",
    expected: { by: "name", id: "app" },
  },
  {
    name: "form-encoded UTF-8",
    authorization: [basic("caf%C3%A9:p%C3%A4ss+w%25rd%3A")],
    expected: { by: "secret", id: "café", secret: "päss w%rd:" },
  },
];
for (const { name, authorization, body, expected } of accepted)
  test(`${name} presents a client`, () => assert.deepEqual(read(authorization, body), expected));

const refused: { name: string; authorization: string[]; body?: string; code: string }[] = [
  { name: "nothing", authorization: [], code: "invalid_client" },
  { name: "a secret without an id", authorization: [], body: "client_secret=s", code: "invalid_client" },
  { name: "a scheme alone", authorization: ["Basic"], code: "invalid_client" },
  { name: "no colon", authorization: [basic("app")], code: "invalid_client" },
  { name: "no base64", authorization: ["Basic a:b"], code: "invalid_client" },
  { name: "more behind it", authorization: [`${basic("a:b")} x`], code: "invalid_client" },
  {
    name: "bytes that are no text",
    authorization: [`Basic ${Buffer.from([97, 58, 255]).toString("base64")}`],
    code: "invalid_client",
  },
  { name: "a broken escape", authorization: [basic("app:%zz")], code: "invalid_client" },
  { name: "an escape that is no UTF-8", authorization: [basic("app:%ff")], code: "invalid_client" },
  { name: "a percent sign that was not encoded", authorization: [basic("app:100%")], code: "invalid_client" },
  { name: "another scheme", authorization: ["Bearer x"], code: "invalid_client" },
  { name: "two lines", authorization: [basic("a:b"), basic("a:b")], code: "invalid_request" },
  { name: "Basic and a secret", authorization: [basic("a:b")], body: "client_secret=b", code: "invalid_request" },
  {
    name: "a secret and an assertion",
    authorization: [],
    body: "client_id=a&client_secret=b&client_assertion=c",
    code: "invalid_request",
  },
  {
    name: "Basic and the type of an assertion",
    authorization: [basic("a:b")],
    body: "client_assertion_type=c",
    code: "invalid_request",
  },
  { name: "Basic and another id", authorization: [basic("a:b")], body: "client_id=c", code: "invalid_request" },
];
for (const { name, authorization, body, code } of refused)
  test(`${name} presents none: ${code}`, () =>
    assert.throws(
      () => read(authorization, body),
      (error) => error instanceof OAuthError && error.code === code,
    ));

test("a form that is not UTF-8 is refused", () => assert.throws(() => formOf(Buffer.from([255])), OAuthError));
test("an empty parameter that stands there twice is still refused", () =>
  assert.throws(() => formOf(Buffer.from("scope=&scope=a")), OAuthError));

const allowed = ["a", "b"];
const scopes: { asked: string | undefined; expected?: string[] }[] = [
  { asked: undefined, expected: ["a", "b"] },
  { asked: "a", expected: ["a"] },
  { asked: "b a b", expected: ["b", "a"] },
  { asked: "c" },
  { asked: "a c" },
  { asked: "a  b" },
  { asked: " a" },
  { asked: 'a"' },
  { asked: "A" },
];
for (const { asked, expected } of scopes)
  test(`asking for ${JSON.stringify(asked) ?? "nothing"} gives ${expected?.join(" and ") ?? "an error"}`, () => {
    if (expected) assert.deepEqual(grantedScopes(asked, allowed), expected);
    else assert.throws(() => grantedScopes(asked, allowed), OAuthError);
  });
