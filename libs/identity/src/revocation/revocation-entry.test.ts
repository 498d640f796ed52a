import assert from "node:assert/strict";
import { test } from "node:test";
import { readEntry, writeEntry, type Entry } from "./revocation-entry.ts";

const digest = "d".repeat(43);
const entries: Entry[] = [
  { kind: "token", digest, until: 5 },
  { kind: "id", id: "7", until: 5 },
  { kind: "id", id: "7", issuer: "https://a.test", until: 5 },
  { kind: "subject", subject: 'ä"\n', before: 1.5, until: 5 },
  { kind: "client", client: "app", before: 1, until: 5 },
  { kind: "session", session: "s", until: 5 },
  { kind: "key", keyId: "k", until: 5 },
];
for (const entry of entries)
  test(`what one gateway writes another reads: ${JSON.stringify(entry)}`, () => {
    const written = writeEntry(entry);
    assert.deepEqual(readEntry(written), entry);
    const turned = Object.fromEntries(Object.entries(entry).toReversed()) as unknown as Entry;
    assert.equal(writeEntry(turned), written, "the same entry is the same text");
  });

for (const text of [
  "",
  "null",
  "[]",
  '{"kind":"else","until":5}',
  '{"kind":"id","until":5}',
  '{"kind":"id","id":"","until":5}',
  '{"kind":"id","id":"7","until":"5"}',
  '{"kind":"id","id":"7","until":5,"more":1}',
  '{"kind":"subject","subject":"me","until":5}',
  '{"kind":"token","digest":"short","until":5}',
])
  test(`what is no entry is read as none, and not written: ${text}`, () => {
    assert.equal(readEntry(text), undefined);
    if (text.startsWith("{")) assert.throws(() => writeEntry(JSON.parse(text)));
  });
