import assert from "node:assert/strict";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { z } from "zod";
import { formatDiagnostic } from "./diagnostic.ts";
import { bytes, duration, path, port } from "./fields.ts";
import { loadConfig } from "./load-config.ts";
import { directoryWith } from "../testing.ts";

const fields = z.strictObject({
  port: port().optional(),
  file: path().optional(),
  wait: duration({ min: "10ms", max: "1h" }).optional(),
  ttl: duration().optional(),
  year: duration({ max: "400d" }).optional(),
  body: bytes({ min: "1KiB", max: "1GiB" }).optional(),
  patience: duration().prefault("3s"),
});
const schema = z.strictObject({ ours: fields.optional(), theirs: fields.optional() });
const environment = { PORT: "8443", WORD: "hunter2", BIG: "70000" };

function load(t: TestContext, text: string) {
  const directory = directoryWith(t, { "gw.yaml": text });
  const result = loadConfig({ file: join(directory, "gw.yaml"), schema, resolve: ["ours"], environment });
  const problems = result.ok ? [] : result.diagnostics.map((problem) => formatDiagnostic({ ...problem, file: "" }));
  return { directory, value: result.ok ? result.value : undefined, problems };
}

const accepted: [string, string, unknown][] = [
  ["port", "8443", 8443],
  ["port", "0", 0],
  ["port", "'${env:PORT}'", 8443],
  ["wait", "250ms", 250],
  ["wait", "1h", 3_600_000],
  ["year", "365d", 31_536_000_000],
  ["body", "64KiB", 65_536],
  ["file", "/etc/x.pem", "/etc/x.pem"],
];
for (const [name, given, expected] of accepted) {
  test(`${name}: ${given} is read`, (t) => {
    const { value, problems } = load(t, `ours: { ${name}: ${given} }`);
    assert.deepEqual(problems, []);
    assert.equal(Reflect.get(value?.ours ?? {}, name), expected);
  });
}

const aPort = "a port: a number from 0 to 65535, or ${env:NAME}";
const aTime = 'a duration such as "250ms", "3s", "10m", "1h" or "7d"';
const aSize = 'a size such as "512B", "64KiB" or "1MiB"';
const refused: [string, string, string][] = [
  ["port", "65536", "found 65536; expected at most 65535"],
  ["port", "-1", "found -1; expected at least 0"],
  ["port", "80.5", `found a number; expected ${aPort}`],
  ["port", "'8443'", `found "8443"; expected ${aPort}`],
  ["port", "[1]", `found a list; expected ${aPort}`],
  ["port", "'${env:NOPE}'", "the environment variable NOPE is not set"],
  ["port", "'${env:WORD}'", "the value of ${env:WORD} is no port; expected a number from 0 to 65535"],
  ["port", "'${env:BIG}'", "the value of ${env:BIG} is no port; expected a number from 0 to 65535"],
  ["port", "'1${env:PORT}'", `found "1\${env:PORT}"; expected ${aPort}`],
  ["wait", "3", `found a number; expected ${aTime}`],
  ["wait", "10 min", `found "10 min"; expected ${aTime}; did you mean "10m"?`],
  ["wait", "soon", `found "soon"; expected ${aTime}`],
  ["wait", "5ms", 'found "5ms"; expected at least 10ms'],
  ["wait", "2h", 'found "2h"; expected at most 1h'],
  ["ttl", "25d", 'found "25d"; expected at most 24d'],
  ["body", "1024", `found a number; expected ${aSize}`],
  ["body", "64kb", `found "64kb"; expected ${aSize}; did you mean "64KiB"?`],
  ["file", "''", 'found ""; expected a path'],
  ["file", '"a\\0b"', 'found "a\\u0000b"; expected a path'],
  ["file", "'${env:WORD}'", 'found "${env:WORD}"; expected a path'],
  ["file", "3", "found a number; expected a path"],
];
for (const [name, given, expected] of refused) {
  test(`${name}: ${given} is refused`, (t) => {
    const { problems } = load(t, `ours: { ${name}: ${given} }`);
    assert.deepEqual(problems, [`:1:${11 + name.length}  ours.${name}: ${expected}`]);
  });
}

test("a path starts at the configuration file, in one's own sections alone", (t) => {
  const { directory, value } = load(t, "ours: { file: certs/a.pem }\ntheirs: { file: certs/b.pem }");
  assert.equal(value?.ours?.file, join(directory, "certs/a.pem"));
  assert.equal(value?.theirs?.file, "certs/b.pem");
});

test("the port of another tier stays unknown, and equals no other", (t) => {
  assert.ok(Number.isNaN(load(t, "theirs: { port: '${env:NOPE}' }").value?.theirs?.port));
});

test("a default is written as a person would", (t) => {
  assert.equal(load(t, "ours: {}").value?.ours?.patience, 3000);
});

test("bounds that are no quantities are a mistake of the schema", () => {
  assert.throws(() => duration({ max: "long" }), /these bounds are no quantities: 0ms, long/);
});
