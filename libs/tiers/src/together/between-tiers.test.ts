// Who speaks to the routing tier needs the security tier's certificate, and its word for every caller.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { X509Certificate } from "node:crypto";
import { createAssertionKey, signAssertion } from "@tandem/identity/assertion/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { thumbprint } from "@tandem/platform/tls/thumbprint";
import { ask, protocols, startBoth } from "./testing.ts";
import { keyIn, writePair } from "../testing.ts";

const bed = await startBoth({ after }, (request, response) => void response.end());
const key = keyIn(join(bed.folder, "assertion-keys"), "EdDSA");
const other = issueCertificate(createAuthority("another"), { name: "client", usage: "client" });
writePair(join(bed.folder, "unknown"), other);

const holderOf = (name: string): string => thumbprint(new X509Certificate(String(bed.tls(name).cert)).raw);
const now = Math.floor(Date.now() / 1000);
const sound = { scopes: ["orders:read"], cnf: { "x5t#S256": holderOf("client") } };
const assertion = (claims: object = {}, by = key): string =>
  signAssertion(by, now, { claims: { ...sound, ...claims } });
const [head, , signature] = assertion().split(".");
const [, altered] = assertion({ sub: "admin" }).split(".");

const cases: { name: string; assertion?: string | string[]; shown?: string; status?: number; code: string }[] = [
  { name: "no assertion", code: "assertion.missing" },
  { name: "a text that is none", assertion: "x", code: "assertion.malformed" },
  { name: "an expired one", assertion: assertion({ iat: now - 60, exp: now - 30 }), code: "assertion.expired" },
  { name: "one that would live too long", assertion: assertion({ exp: now + 3_600 }), code: "assertion.expired" },
  { name: "one for another audience", assertion: assertion({ aud: "tandem:other" }), code: "assertion.audience" },
  { name: "an altered one", assertion: `${head}.${altered}.${signature}`, code: "assertion.signature" },
  { name: "one by another key", assertion: assertion({}, createAssertionKey(key.kid)), code: "assertion.signature" },
  { name: "a stolen one", assertion: assertion(), shown: "stranger", code: "assertion.holder" },
  { name: "two of them", assertion: [assertion(), assertion()], status: 400, code: "request.header" },
];

for (const protocol of protocols) {
  const line = (shown?: string) => ({ port: bed.routing.port, protocol, tls: bed.tls(shown) });

  test(`over ${protocol} the holder's own assertion is believed`, async () => {
    const headers = { "tandem-assertion": assertion() };
    assert.equal((await ask(line("client"), { path: "/orders", headers })).status, 200);
  });

  for (const { name, assertion: value, shown = "client", status = 401, code } of cases)
    test(`over ${protocol} ${name} is refused: ${status} ${code}`, async () => {
      const before = await bed.routing.problems(code);
      const headers = value === undefined ? {} : { "tandem-assertion": value };
      const { json, ...told } = await ask(line(shown), { path: "/orders", headers });
      assert.deepEqual([told.status, json?.type], [status, `urn:tandem:problem:${code}`]);
      assert.equal(told.headers["x-request-id"], json.requestId);
      const logged = await bed.routing.lineOf(json.requestId);
      const { "http.response.status_code": was, "error.code": error, "client.address": client } = logged;
      assert.deepEqual([was, error, client], [status, code, "127.0.0.1"]);
      assert.equal(await bed.routing.problems(code), before + 1);
    });

  for (const shown of [undefined, "unknown"])
    test(`over ${protocol} there is no handshake with ${shown ? "an unknown" : "no"} certificate`, async () => {
      const before = bed.routing.lines.length;
      await assert.rejects(
        ask(line(shown), { path: "/open" }),
        /certificate|alert|ECONNRESET|socket hang up|without an answer/i,
      );
      assert.equal(bed.routing.lines.length, before);
    });
}
