import assert from "node:assert/strict";
import { test } from "node:test";
import { hygieneSchema } from "./config.ts";

test("nothing said means 8 KiB of target, or what the tier sets, and no further names", () => {
  assert.deepEqual(hygieneSchema().parse(undefined), { target: 8192, managed: [] });
  assert.deepEqual(hygieneSchema({ target: "16KiB" }).parse({}), { target: 16_384, managed: [] });
});

test("a managed name is one that a header can have in lower case", () => {
  assert.deepEqual(hygieneSchema().parse({ managed: ["x-employee-id"] }).managed, ["x-employee-id"]);
  for (const name of ["X-Employee-Id", "x_employee", "", "x employee", ":path"])
    assert.equal(hygieneSchema().safeParse({ managed: [name] }).success, false, name);
});

test("a header that clients have to send cannot be managed", () => {
  const parsed = hygieneSchema().safeParse({ managed: ["host"] });
  assert.match(parsed.error?.issues[0]?.message ?? "", /clients have to send/);
});

test("an unknown key and a target out of bounds are refused", () => {
  assert.equal(hygieneSchema().safeParse({ targets: "8KiB" }).success, false);
  assert.equal(hygieneSchema().safeParse({ target: "1MiB" }).success, false);
});
