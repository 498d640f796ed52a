import assert from "node:assert/strict";
import test from "node:test";
import { z } from "zod";
import { bytes, duration, path, port } from "./fields.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { secret } from "./secret.ts";

test("the schema for editors is about what a person writes", () => {
  const schema = z.strictObject({
    wait: duration().prefault("3s"),
    body: bytes().optional(),
    port: port(),
    key: path(),
    password: secret().describe("The password of the store."),
  });
  assert.deepEqual(jsonSchemaOf(schema, { title: "Tandem" }), {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Tandem",
    type: "object",
    properties: {
      wait: { type: "string", pattern: "^(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)$", default: "3s" },
      body: { type: "string", pattern: "^(\\d+(?:\\.\\d+)?)(B|KiB|MiB|GiB)$" },
      port: {
        anyOf: [
          { type: "integer", minimum: 0, maximum: 65535 },
          { type: "string", pattern: "^\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}$" },
        ],
      },
      key: { type: "string", description: "A path, absolute or relative to this file." },
      password: { type: "string", description: "The password of the store." },
    },
    required: ["port", "key", "password"],
    additionalProperties: false,
  });
});
