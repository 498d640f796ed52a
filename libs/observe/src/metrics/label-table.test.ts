import assert from "node:assert/strict";
import { test } from "node:test";
import { createLabelTable } from "./label-table.ts";

test("the same labels find the same cell, other labels another", () => {
  const table = createLabelTable({ most: 10, make: () => ({ count: 0 }) });
  table.cell("a", "b", "c").count++;
  table.cell("a", "b", "c").count++;
  table.cell("a", "c", "b").count++;
  assert.deepEqual(table.entries(), [
    { labels: ["a", "b", "c"], cell: { count: 2 } },
    { labels: ["a", "c", "b"], cell: { count: 1 } },
  ]);
});

test("a full table still finds what it has", () => {
  const table = createLabelTable({ most: 1, make: () => ({ count: 0 }) });
  const first = table.cell("a", "", "");
  const spill = table.cell("b", "", "");
  assert.equal(table.cell("c", "", ""), spill);
  assert.equal(table.cell("a", "", ""), first);
  assert.equal(table.size, 2);
});

test("labels that are names of object members are labels", () => {
  const table = createLabelTable({ most: 10, make: () => ({ count: 0 }) });
  table.cell("__proto__", "constructor", "toString").count++;
  assert.equal(table.cell("__proto__", "constructor", "toString").count, 1);
});
