import assert from "node:assert/strict";
import { test } from "node:test";
import { createLabelTable, type CellLabels } from "./label-table.ts";

const newCount = () => ({ count: 0 });

test("the same labels find the same cell, other labels another", () => {
  const table = createLabelTable({ most: 10, make: newCount });
  table.cell("a", "b", "c").count++;
  table.cell("a", "b", "c").count++;
  table.cell("a", "c", "b").count++;
  assert.deepEqual(table.entries, [
    { labels: ["a", "b", "c"], cell: { count: 2 } },
    { labels: ["a", "c", "b"], cell: { count: 1 } },
  ]);
});

test("labels that differ from the latest in one place find their own cell", () => {
  const table = createLabelTable({ most: 10, make: newCount });
  const labels: CellLabels[] = [
    ["a", "b", "c"],
    ["x", "b", "c"],
    ["a", "x", "c"],
    ["a", "b", "x"],
  ];
  for (const one of labels)
    for (const other of labels) {
      table.cell(...one).count++;
      table.cell(...other).count++;
    }
  assert.deepEqual(
    table.entries.map(({ cell }) => cell.count),
    labels.map(() => 2 * labels.length),
  );
});

test("a full table still finds what it has", () => {
  const table = createLabelTable({ most: 1, make: newCount });
  const first = table.cell("a", "", "");
  const spill = table.cell("b", "", "");
  assert.equal(table.cell("c", "", ""), spill);
  assert.equal(table.cell("a", "", ""), first);
  assert.equal(table.size, 2);
});

test("what a full table does not tell apart keeps its last label", () => {
  const table = createLabelTable({ most: 1, make: newCount });
  for (let index = 0; index < 10; index++) {
    table.cell(`route-${index}`, "orders", "2xx").count++;
    table.cell(`route-${index}`, "orders", "5xx").count++;
  }
  assert.deepEqual(table.entries, [
    { labels: ["route-0", "orders", "2xx"], cell: { count: 1 } },
    { labels: ["other", "other", "5xx"], cell: { count: 10 } },
    { labels: ["other", "other", "2xx"], cell: { count: 9 } },
  ]);
});

test("labels that are names of object members are labels", () => {
  const table = createLabelTable({ most: 10, make: newCount });
  table.cell("__proto__", "constructor", "toString").count++;
  assert.equal(table.cell("__proto__", "constructor", "toString").count, 1);
});
