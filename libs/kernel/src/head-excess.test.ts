import assert from "node:assert/strict";
import { test } from "node:test";
import { headExcess } from "./head-excess.ts";

const limits = { head: 60, headers: 3 };
const pseudo = [":method", "GET", ":path", "/abc"];

for (const { name, headers, target, excess } of [
  { name: "an empty head", headers: [], target: "/", excess: undefined },
  { name: "as many headers as are allowed", headers: ["a", "1", "b", "2", "c", "3"], target: "/", excess: undefined },
  { name: "one more", headers: ["a", "1", "b", "2", "c", "3", "d", "4"], target: "/", excess: "too many headers" },
  {
    name: "one name in more lines",
    headers: Array.from({ length: 8 }, () => "a"),
    target: "/",
    excess: "too many headers",
  },
  { name: "as many bytes as are allowed", headers: ["abc", "x".repeat(52)], target: "/", excess: undefined },
  { name: "a value of one more", headers: ["abc", "x".repeat(53)], target: "/", excess: "too many bytes" },
  { name: "a name of one more", headers: ["abcd", "x".repeat(52)], target: "/", excess: "too many bytes" },
  { name: "a target of one more", headers: ["abc", "x".repeat(52)], target: "/a", excess: "too many bytes" },
  {
    name: "pseudo-headers, which are no lines",
    headers: [...pseudo, "a", "1", "b", "2", "c", "3"],
    target: "/abc",
    excess: undefined,
  },
  {
    name: "pseudo-headers, whose bytes count, the target's once",
    headers: [...pseudo, "a", "x".repeat(28)],
    target: "/abc",
    excess: undefined,
  },
  {
    name: "pseudo-headers and one byte more",
    headers: [...pseudo, "a", "x".repeat(29)],
    target: "/abc",
    excess: "too many bytes",
  },
])
  test(`of ${name} is ${excess ?? "nothing"} too much`, () => {
    assert.equal(headExcess(headers, target, limits), excess);
  });
