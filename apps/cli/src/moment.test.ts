import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidArgumentError } from "commander";
import { moment, momentAgo, momentAhead } from "./moment.ts";

test("a moment is a date, and one to come or gone by may be told from now", () => {
  for (const read of [moment, momentAhead, momentAgo]) {
    assert.equal(read("2027-01-31"), "2027-01-31T00:00:00.000Z");
    assert.equal(read("2027-01-31T12:00:00+01:00"), "2027-01-31T11:00:00.000Z");
  }
  const ahead = Date.parse(momentAhead("90d")) - Date.now();
  assert.ok(Math.abs(ahead - 90 * 86_400_000) < 10_000);
  const ago = Date.now() - Date.parse(momentAgo("90d"));
  assert.ok(Math.abs(ago - 90 * 86_400_000) < 10_000);
});

for (const text of ["", "soon", "1", "2027", "2027-13-01", "2027-01-31 12:00", "tomorrow"])
  test(`"${text}" is no moment`, () => {
    assert.throws(() => moment(text), InvalidArgumentError);
    assert.throws(() => momentAhead(text), InvalidArgumentError);
    assert.throws(() => momentAgo(text), InvalidArgumentError);
  });
test("a moment that has a date is not told by a time from now", () => {
  assert.throws(() => moment("90d"), InvalidArgumentError);
});
