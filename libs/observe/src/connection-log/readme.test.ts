import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connectionEnds, handshakeFailures, isFailedEnd } from "@tandem/contracts/connection-ends";

const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");

test("the README tells every reason, and which are failures", () => {
  const rows = [...readme.matchAll(/^\| `([a-z-]+)` +\| (failure)? +\| (.+?) +\|$/gm)];
  const told = Object.fromEntries(rows.map(([, word, failure, text]) => [word, `${failure === "failure"} ${text}`]));
  const known = Object.entries(connectionEnds);
  const ours = Object.fromEntries(known.map(([word, text]) => [word, `${isFailedEnd(word as "idle")} ${text}`]));
  assert.deepEqual(told, ours);
  for (const word of Object.keys(handshakeFailures)) assert.ok(readme.includes(`\`${word}\``), word);
});
