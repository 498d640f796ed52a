import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { z } from "zod";
import { checkBody } from "./check-body.ts";

const schema = z.strictObject({ name: z.string(), size: z.int().min(1).default(1) });

test("what fits the schema is given as the schema makes it", () => {
  assert.deepEqual(checkBody(schema, { name: "a" }), { name: "a", size: 1 });
});

for (const { body, detail } of [
  { body: null, detail: /^found nothing; expected a mapping$/ },
  { body: {}, detail: /^name: missing/ },
  { body: { nam: "a" }, detail: /^(?=.*name: missing)(?=.*nam: .*did you mean name\?)/s },
  { body: { name: 7, size: 0 }, detail: /^name: .*\nsize: / },
])
  test(`what does not fit is a 400 that names every fault: ${JSON.stringify(body)}`, () => {
    assert.throws(
      () => checkBody(schema, body),
      (error) => error instanceof GatewayError && error.status === 400 && detail.test(error.detail ?? ""),
    );
  });
