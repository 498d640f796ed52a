import assert from "node:assert/strict";
import { test } from "node:test";
import { hostPattern, pathPattern } from "./pattern-fields.ts";

test("a good pattern stays the text that it was", () => {
  assert.equal(pathPattern().parse("/orders/**"), "/orders/**");
  assert.equal(hostPattern().parse("*.example.test"), "*.example.test");
});

test("a pattern that can never match is a fault that says where", () => {
  const path = pathPattern().safeParse("/a/../b");
  assert.match(path.error?.issues[0]?.message ?? "", /dot segment.*at character 4/);
  const host = hostPattern().safeParse("example.test:443");
  assert.match(host.error?.issues[0]?.message ?? "", /without its port/);
});

test("something else than text is a fault", () => {
  assert.equal(pathPattern().safeParse(7).success, false);
});
