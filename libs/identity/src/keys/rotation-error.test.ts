import assert from "node:assert/strict";
import { test } from "node:test";
import { asRotationError, RotationError } from "./rotation-error.ts";

const said: { code: string; path?: string; says: string }[] = [
  { code: "EACCES", path: "/keys/.x.draft", says: "this process may not read or change /keys/.x.draft" },
  { code: "EROFS", says: "this process may not read or change /keys" },
  { code: "EPERM", says: "this process may not read or change /keys" },
  { code: "ENOENT", path: "/public", says: "/public does not exist" },
  { code: "ENOTDIR", path: "/keys/x", says: "/keys is no directory" },
  { code: "ENOSPC", says: "there is no space left in /keys" },
];
for (const { code, path, says } of said)
  test(`${code}${path === undefined ? "" : ` at ${path}`} is a sentence`, () => {
    const cause = Object.assign(new Error("system"), { code, ...(path !== undefined && { path }) });
    const error = asRotationError(cause, "/keys");
    assert.ok(error instanceof RotationError);
    assert.deepEqual([error.message, error.cause], [says, cause]);
  });

test("what the file system did not say is left as it is", () => {
  const error = new TypeError("ours");
  assert.equal(asRotationError(error, "/keys"), error);
});
