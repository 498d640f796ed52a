import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderEdits } from "./header-list.ts";

const sent = ["cookie", "a=1; b=2", "accept", "*/*"];

const cases: { name: string; edit: (edits: HeaderEdits) => void; expected: readonly string[] }[] = [
  {
    name: "what was sent can be amended",
    edit: (edits) => edits.amend("cookie", "a=1"),
    expected: ["accept", "*/*", "cookie", "a=1"],
  },
  {
    name: "amended to nothing, it is left out",
    edit: (edits) => edits.amend("cookie", undefined),
    expected: ["accept", "*/*"],
  },
  {
    name: "what was dropped does not come back amended",
    edit(edits) {
      edits.drop("cookie");
      edits.amend("cookie", "a=1");
    },
    expected: ["accept", "*/*"],
  },
  {
    name: "what was set in its place, and what was added to it, stay",
    edit(edits) {
      edits.set("accept", "text/html");
      edits.amend("accept", "text/plain");
      edits.add("cookie", "c=3");
      edits.amend("cookie", "a=1");
      edits.amend("cookie", "b=2");
    },
    expected: ["accept", "text/html", "cookie", "c=3", "cookie", "a=1"],
  },
];
for (const { name, edit, expected } of cases)
  test(name, () => {
    const edits = new HeaderEdits();
    edit(edits);
    assert.deepEqual(edits.applyTo(sent), expected);
  });
