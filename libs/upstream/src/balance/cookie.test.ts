import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieValue, withoutCookie } from "./cookie.ts";

const cases: { header: string; value: string | undefined; rest: string }[] = [
  { header: "s=1", value: "1", rest: "" },
  { header: "a=1; s=2; b=3", value: "2", rest: "a=1; b=3" },
  { header: "s=2; b=3", value: "2", rest: "b=3" },
  { header: "a=1; s=2", value: "2", rest: "a=1" },
  { header: "a=1;s=2;b=3", value: "2", rest: "a=1;b=3" },
  { header: "a=1; s=2; s=3; b=4; s=5", value: "2", rest: "a=1; b=4" },
  { header: "a=1; \t s = 2", value: undefined, rest: "a=1; \t s = 2" },
  { header: "s=", value: "", rest: "" },
  { header: "s= 2 ; a=1", value: "2", rest: "a=1" },
  { header: "s=a=b; c", value: "a=b", rest: "c" },
  { header: "xs=1; s=2", value: "2", rest: "xs=1" },
  { header: "sx=1", value: undefined, rest: "sx=1" },
  { header: "a=s=1", value: undefined, rest: "a=s=1" },
  { header: "a=x s=1", value: undefined, rest: "a=x s=1" },
  { header: "s", value: undefined, rest: "s" },
  { header: "S=1", value: undefined, rest: "S=1" },
  { header: ";;s=1;;", value: "1", rest: ";;;" },
  { header: "", value: undefined, rest: "" },
];
for (const { header, value, rest } of cases)
  test(`in "${header}" the cookie s is ${value === undefined ? "not there" : `"${value}"`}`, () => {
    assert.equal(cookieValue(header, "s"), value);
    assert.equal(withoutCookie(header, "s"), rest);
  });

test("a request without cookies has none of any name", () => assert.equal(cookieValue(undefined, "s"), undefined));

test("names with letters that mean something elsewhere are taken to the letter", () => {
  assert.equal(cookieValue("axb=1; a.b=2", "a.b"), "2");
  assert.equal(withoutCookie("axb=1; a.b=2", "a.b"), "axb=1");
});

test("what a stranger lines up before the cookie is walked over once", () => {
  for (const filler of [";", " "]) {
    const others = `${filler.repeat(1_000_000)}a=1`;
    assert.equal(withoutCookie(`${others}; s=2`, "s"), others);
  }
});
