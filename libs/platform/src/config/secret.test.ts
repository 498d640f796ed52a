import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { format, inspect } from "node:util";
import { z } from "zod";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadConfig } from "./load-config.ts";
import { Secret, secret } from "./secret.ts";
import { directoryWith } from "../testing.ts";

const schema = z.strictObject({
  ours: z.strictObject({ password: secret(), name: z.string().optional() }).optional(),
  theirs: z.strictObject({ password: secret() }).optional(),
});
const environment = { DB_PASSWORD: "hunter2", EMPTY: "" };

function load(t: TestContext, text: string, files: Record<string, string | Uint8Array> = {}) {
  const directory = directoryWith(t, { ...files, "gw.yaml": text });
  mkdirSync(join(directory, "folder"));
  const result = loadConfig({ file: join(directory, "gw.yaml"), schema, resolve: ["ours"], environment });
  return result.ok
    ? { password: result.value.ours?.password.reveal(), value: result.value, problems: [] }
    : { problems: result.diagnostics.map((problem) => formatDiagnostic({ ...problem, file: "gw.yaml" })) };
}

const resolved: { name: string; given: string; expected: string }[] = [
  { name: "a plain text", given: "plain", expected: "plain" },
  { name: "a variable", given: "${env:DB_PASSWORD}", expected: "hunter2" },
  { name: "a variable inside a text", given: "redis://:${env:DB_PASSWORD}@host", expected: "redis://:hunter2@host" },
  { name: "a file, without its last line break", given: "${file:pw}", expected: "from file\n" },
  { name: "a file with the line break of another system", given: "${file:dos}", expected: "from dos" },
  {
    name: "both, twice",
    given: "${env:DB_PASSWORD}-${file:dos}-${env:DB_PASSWORD}",
    expected: "hunter2-from dos-hunter2",
  },
  { name: "an escaped dollar", given: "a$${env:DB_PASSWORD}", expected: "a${env:DB_PASSWORD}" },
  { name: "a dollar that asks for nothing", given: "pa$$word$", expected: "pa$$word$" },
];
for (const { name, given, expected } of resolved) {
  test(`${name} is a secret`, (t) => {
    const { password, problems } = load(t, `ours: { password: "${given}" }`, {
      pw: "from file\n\n",
      dos: "from dos\r\n",
    });
    assert.deepEqual(problems, []);
    assert.equal(password, expected);
  });
}

const refused: { name: string; given: string; expected: string }[] = [
  { name: "an unset variable", given: "${env:NOPE}", expected: "the environment variable NOPE is not set" },
  { name: "an empty variable", given: "${env:EMPTY}", expected: "the environment variable EMPTY is empty" },
  { name: "an impossible variable", given: "${env:A-B}", expected: '"A-B" is no name of an environment variable' },
  { name: "a missing file", given: "${file:nope}", expected: "nope does not exist" },
  { name: "a directory", given: "${file:folder}", expected: "folder is a directory" },
  { name: "an empty file", given: "${file:empty}", expected: "empty is empty" },
  { name: "a long file", given: "${file:long}", expected: "long is longer than 65536 bytes" },
  { name: "a binary file", given: "${file:binary}", expected: "binary is not UTF-8 text" },
  {
    name: "a file without a name",
    given: "${file:}",
    expected: "the reference names no file; expected ${env:NAME} or ${file:path}",
  },
  {
    name: "an open brace",
    given: "${env:DB_PASSWORD",
    expected: 'a "${" without its "}"; expected ${env:NAME} or ${file:path}',
  },
  {
    name: "another source",
    given: "${vault:a}",
    expected: '"${vault:a}" is no known reference; expected ${env:NAME} or ${file:path}',
  },
  {
    name: "no source",
    given: "${DB_PASSWORD}",
    expected: '"${DB_PASSWORD}" is no known reference; expected ${env:NAME} or ${file:path}',
  },
  { name: "an empty text", given: "", expected: "empty; expected a secret" },
];
for (const { name, given, expected } of refused) {
  test(`${name} is refused with its place`, (t) => {
    const files = { empty: "\n", long: "x".repeat(70_000), binary: Uint8Array.of(0xff, 0xfe) };
    const { problems } = load(t, `ours:\n  password: "${given}"\n`, files);
    assert.deepEqual(problems, [`gw.yaml:2:13  ours.password: ${expected}`]);
  });
}

test("a number is no secret, and is not shown", (t) => {
  const { problems } = load(t, "ours: { password: 12345 }");
  assert.deepEqual(problems, [
    "gw.yaml:1:19  ours.password: found a number; expected a secret: text, ${env:NAME} or ${file:path}",
  ]);
});

test("the secrets of another tier are checked for form, and never fetched", (t) => {
  const { value } = load(t, "theirs: { password: '${env:NOPE}-${file:nope}' }");
  assert.throws(() => value?.theirs?.password.reveal(), /does not resolve/);
  const { problems } = load(t, "theirs: { password: '${env:NOPE' }");
  assert.match(problems.join(), /theirs\.password: a "\$\{" without its "\}"/);
});

test("a reference where nothing would resolve it is refused", (t) => {
  const { problems } = load(t, "ours: { password: x, name: '${env:DB_PASSWORD}' }");
  assert.deepEqual(problems, [
    "gw.yaml:1:28  ours.name: a reference has no meaning here; expected the value itself: only secrets and ports may refer",
  ]);
});

test("a secret shows itself to nobody", () => {
  const value = new Secret("hunter2");
  const shown = [
    JSON.stringify({ value }),
    inspect({ value }),
    inspect(value, { showHidden: true, depth: 9, customInspect: false }),
    String(value),
    format("%s %o %j", value, value, value),
    JSON.stringify(Object.entries(value)),
  ];
  assert.doesNotMatch(shown.join("\n"), /hunter2/);
  assert.equal(shown[0], '{"value":"[secret]"}');
  assert.equal(value.reveal(), "hunter2");
});
