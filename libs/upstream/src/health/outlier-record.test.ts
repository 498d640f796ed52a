import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutlierOptions } from "./config.ts";
import { OutlierRecord } from "./outlier-record.ts";

const options: OutlierOptions = { failures: 3, base: 1_000, most: 2_500, minHealthy: 1 };

/** `x` is a failure, `.` a good answer; gives after how many it ought to be ejected. */
const cases = [
  { name: "so many failures in a row", answers: "xxx", at: 3 },
  { name: "the same number with a good answer between them", answers: "xx.xx.xx", at: undefined },
  { name: "a run that begins late", answers: "..x.xxx", at: 7 },
  {
    name: "half of enough",
    answers: "x.x.x.x.",
    at: undefined,
    ratio: { share: 0.5, window: 10_000, minRequests: 10 },
  },
  { name: "half of many", answers: "x.x.x.x.x.x", at: 11, ratio: { share: 0.5, window: 10_000, minRequests: 10 } },
];
for (const { name, answers, at, ratio } of cases)
  test(`${name}: ${at === undefined ? "stays in" : "is to be ejected"}`, () => {
    const record = new OutlierRecord({ ...options, ratio });
    let ejected: number | undefined;
    for (const [index, answer] of answers.split("").entries())
      if (answer === ".") record.succeeded(1, 1);
      else if (record.failed(1, 1)) ejected ??= index + 1;
    assert.equal(ejected, at);
  });

test("each ejection is longer than the last, up to the longest, and staying in makes good again", () => {
  const record = new OutlierRecord(options);
  const lengths = [];
  let now = 0;
  for (const stays of [0, 0, 0, 1_500, 10_000]) {
    record.eject(now);
    lengths.push(record.until - now);
    now = record.until;
    record.comeBack(now);
    now += stays;
  }
  record.eject(now);
  lengths.push(record.until - now);
  assert.deepEqual(lengths, [1_000, 2_000, 2_500, 2_500, 2_500, 1_000]);
  assert.equal(record.ejections, 6);
});

test("one that is back is on trial: one failure is enough, one good answer ends the trial", () => {
  const record = new OutlierRecord(options);
  record.eject(0);
  record.comeBack(1_000);
  assert.equal(record.failed(1_001, 1_002), true);
  record.eject(1_002);
  record.comeBack(3_002);
  record.succeeded(3_003, 3_004);
  assert.equal(record.failed(3_005, 3_006), false);
});

test("what began before it came back counts neither for nor against it", () => {
  const record = new OutlierRecord(options);
  record.eject(100);
  assert.equal(record.failed(50, 200), false);
  record.comeBack(1_100);
  assert.equal(record.failed(50, 1_200), false);
  record.succeeded(50, 1_200);
  assert.equal(record.failed(1_150, 1_300), true);
});

test("under suspicion it is asked about once a second, and a good answer after that ends it", () => {
  const record = new OutlierRecord(options);
  for (let turn = 0; turn < 3; turn++) record.failed(0, 0);
  record.suspectIt(0);
  assert.equal(record.failed(10, 10), false);
  assert.equal(record.succeeded(20, 20), false);
  assert.equal(record.suspect, true);
  assert.equal(record.succeeded(1_000, 1_000), true);
  assert.equal(record.suspect, false);
});

test("once there is somebody to do without it, its next failure is enough", () => {
  const record = new OutlierRecord(options);
  for (let turn = 0; turn < 3; turn++) record.failed(0, 0);
  record.suspectIt(0);
  record.reconsider();
  assert.equal(record.failed(10, 10), true);
});

test("one that started anew has no past", () => {
  const record = new OutlierRecord(options);
  record.eject(0);
  record.startAnew(10);
  assert.deepEqual([record.ejected, record.rungAt(10), record.consecutive], [false, 0, 0]);
  assert.equal(record.failed(11, 12), false);
});
