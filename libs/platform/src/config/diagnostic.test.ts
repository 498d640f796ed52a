import assert from "node:assert/strict";
import test from "node:test";
import { formatDiagnostic, formatPath } from "./diagnostic.ts";

const place = { file: "gw.yaml", line: 3, column: 7 };

test("a diagnostic is one line that editors can follow", () => {
  const full = { ...place, path: "a.b", message: "unknown key", expected: "c or d", suggestion: "c" };
  assert.equal(formatDiagnostic(full), 'gw.yaml:3:7  a.b: unknown key; expected c or d; did you mean "c"?');
  assert.equal(formatDiagnostic({ ...place, path: "", message: "a tab" }), "gw.yaml:3:7  a tab");
});

test("a name from the file cannot end the line or move the cursor", () => {
  const line = formatDiagnostic({
    ...place,
    path: formatPath(["a\n\u001b[2J"]),
    message: "\u009b2J",
    file: "\u202egw",
  });
  assert.match(line, /^[\x20-\x7e]+$/);
});

test("a path reads as a person writes it", () => {
  assert.equal(formatPath(["routing", "routes", 0, "match"]), "routing.routes[0].match");
  assert.equal(formatPath(["services", "a.b", "x-y"]), 'services["a.b"].x-y');
  assert.equal(formatPath([]), "");
});
