import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "@tandem/kernel/exchange";
import { exchangeOf } from "@tandem/kernel/testing";
import { readForm } from "./read-form.ts";

const rawHeaders = ["content-type", "application/x-www-form-urlencoded"];

test("a form may come in pieces", async () => {
  const body = new PassThrough();
  const form = readForm(exchangeOf({ method: "POST", rawHeaders, body }).exchange);
  for (const piece of ["grant_type=cli", "ent_credentials&sc", "ope=a"]) body.write(piece);
  body.end();
  assert.deepEqual(Object.fromEntries(await form), { grant_type: "client_credentials", scope: "a" });
});

const broken: { name: string; error?: Error; code: string }[] = [
  { name: "ends", code: "request.aborted" },
  { name: "breaks", error: new Error("ECONNRESET"), code: "request.aborted" },
  { name: "is broken off by a limit", error: new GatewayError("body.too-large"), code: "body.too-large" },
];
for (const { name, error, code } of broken)
  test(`half a form whose connection ${name} is none: ${code}`, async () => {
    const body = new PassThrough();
    const form = readForm(exchangeOf({ method: "POST", rawHeaders, body }).exchange);
    body.write("grant_type=client_credentials&scope=orders:re");
    setImmediate(() => body.destroy(error));
    await assert.rejects(form, { name: "GatewayError", code });
  });

const over: { name: string; end: (exchange: Exchange) => void }[] = [
  { name: "was answered with a timeout", end: (exchange) => exchange.fail(new GatewayError("request.timeout")) },
  { name: "lost its client", end: (exchange) => exchange.left() },
];
for (const { name, end } of over)
  test(`a form whose exchange ${name} is not whole because its stream ends`, async () => {
    const body = new PassThrough();
    const { exchange } = exchangeOf({ method: "POST", rawHeaders, body });
    const form = readForm(exchange);
    body.write("grant_type=client_credentials&scope=orders:re");
    end(exchange);
    body.end();
    await assert.rejects(form, { name: "GatewayError", code: "request.aborted" });
  });
