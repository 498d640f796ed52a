import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivingHeaders } from "./arriving-headers.ts";

const arrives = arrivingHeaders(["x-role"]);
const cases: [header: string, arrives: boolean][] = [
  ["x-channel", true],
  ["content-type", true],
  ["cookie", true],
  ["content-length", true],
  ["x-role", false],
  ["tandem-client", false],
  ["tandem-assertion", false],
  ["x-forwarded-for", false],
  ["authorization", false],
  ["x-api-key", false],
  ["x-request-id", false],
  ["connection", false],
  ["host", false],
  ["x_channel", false],
];
for (const [header, expected] of cases)
  test(`${header} ${expected ? "arrives" : "does not arrive"}`, () => assert.equal(arrives(header), expected));
