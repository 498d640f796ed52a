import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { check } from "./check.ts";

const local = resolve(import.meta.dirname, "../../../deploy/local/tandem.yaml");

test("a good file is told by what is in it, and by the name of its generation", () => {
  const { lines, exitCode } = check(local);
  assert.equal(exitCode, 0);
  assert.match(lines.join("\n"), /tandem\.yaml is good: 4 routes, 3 services, generation [0-9a-f]{12}$/);
});

const text = `security:
  listen: { tls: { certificate: a.crt, key: a.key } }
  assertion: { keys: private }
  routingTier: { discovery: consul }
`;

test("files are looked for where a tier would: without its name they are another machine's", (t) => {
  const folder = directoryWith(t, { "tandem.yaml": text });
  const file = `${folder}/tandem.yaml`;
  assert.equal(check(file).exitCode, 0);
  assert.deepEqual(check(file, "security"), {
    lines: [
      `${file}:2:33  security.listen.tls.certificate: ${folder}/a.crt does not exist`,
      `${file}:2:45  security.listen.tls.key: ${folder}/a.key does not exist`,
      `${file}:3:22  security.assertion.keys: ${folder}/private does not exist`,
    ],
    exitCode: 1,
  });
  assert.deepEqual(check(file, "routing").lines, [`${file}:1:1  routing: missing; expected this section`]);
});
