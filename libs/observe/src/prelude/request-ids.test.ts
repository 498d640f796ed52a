import assert from "node:assert/strict";
import { test } from "node:test";
import { requestIds } from "./request-ids.ts";

const minted = "mmmmmmmmmmmmmmmmmmmmmmmmmm";
const ours = "abcdefghijklmnopqrstuvwxyz";
const ids = { requestId: () => minted };

const cases = [
  { name: "without a claim an id is minted", given: [], trusted: false, id: minted, own: undefined },
  { name: "a stranger's id is noted and never taken", given: [ours], trusted: false, id: minted, own: ours },
  { name: "the security tier's id is taken", given: [ours], trusted: true, id: ours, own: undefined },
  { name: "an id that no tier mints is not taken from it either", given: ["7"], trusted: true, id: minted, own: "7" },
  { name: "of two ids neither is taken", given: [ours, ours], trusted: true, id: minted, own: undefined },
  { name: "of a stranger's two ids neither is noted", given: ["a", "b"], trusted: false, id: minted, own: undefined },
  { name: "an id with a blank is not noted", given: ["a b"], trusted: false, id: minted, own: undefined },
  { name: "an id with markup is not noted", given: ['"><script>'], trusted: false, id: minted, own: undefined },
  { name: "an id with an escape is not noted", given: ["\u001b[31m"], trusted: false, id: minted, own: undefined },
  { name: "an empty id is not noted", given: [""], trusted: false, id: minted, own: undefined },
  { name: "a long id is not noted", given: ["a".repeat(129)], trusted: false, id: minted, own: undefined },
  { name: "a UUID is noted", given: ["6f1c-4a"], trusted: false, id: minted, own: "6f1c-4a" },
];

for (const { name, given, trusted, id, own } of cases) {
  test(name, () => assert.deepEqual(requestIds(given, { trusted, ids }), { id, clientRequestId: own }));
}
