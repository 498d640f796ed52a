import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "../testing.ts";
import { announceTrailers, endToEndTrailers, takesTrailers } from "./response-trailers.ts";

test("trailers that say something of the content are passed on, in lower case", () => {
  const trailers = ["Server-Timing", "db;dur=5", "grpc-status", "0", "X-Checksum", "a", "x-checksum", "b"];
  assert.deepEqual(
    endToEndTrailers(trailers),
    trailers.map((part, index) => (index % 2 === 0 ? part.toLowerCase() : part)),
  );
});

for (const name of [
  "Content-Length",
  "Transfer-Encoding",
  "Host",
  "Set-Cookie",
  "WWW-Authenticate",
  "Authorization",
  "Proxy-Authenticate",
  "Cache-Control",
  "Content-Type",
  "Location",
  "Trailer",
  "TE",
  "Connection",
  "Tandem-Assertion",
  "X-Request-Id",
  "Access-Control-Allow-Origin",
])
  test(`${name} is no trailer`, () => {
    assert.deepEqual(endToEndTrailers([name, "x", "x-checksum", "a"]), ["x-checksum", "a"]);
    const headers: string[] = [];
    announceTrailers(headers, `${name}, X-Checksum`, {
      request: exchangeOf({ protocol: "2" }).exchange.request,
      status: 200,
    });
    assert.deepEqual(headers, ["trailer", "x-checksum"]);
  });

for (const [te, takes] of [
  ["trailers", true],
  ["gzip;q=0.5, Trailers", true],
  ["gzip", false],
  ["trailers-not", false],
  [undefined, false],
] as const)
  test(`TE: ${te} ${takes ? "takes" : "takes no"} trailers`, () => {
    assert.equal(takesTrailers(te), takes);
  });

const te = ["te", "trailers"];
const unannounced: {
  name: string;
  parts: Parameters<typeof exchangeOf>[0];
  status?: number;
  headers?: string[];
  announced?: string;
}[] = [
  { name: "to a client that did not ask for them", parts: {} },
  { name: "to HTTP/1.0", parts: { protocol: "1.0", rawHeaders: te } },
  { name: "in the answer to a HEAD", parts: { method: "HEAD", rawHeaders: te } },
  { name: "where there is no body", parts: { rawHeaders: te }, status: 304 },
  {
    name: "where none may be one",
    parts: { rawHeaders: te },
    headers: ["content-length", "3"],
    announced: "set-cookie",
  },
];
for (const { name, parts, status = 200, headers = ["content-length", "3"], announced = "x-checksum" } of unannounced)
  test(`no trailer is announced ${name}`, () => {
    const given = [...headers];
    announceTrailers(given, announced, { request: exchangeOf(parts).exchange.request, status });
    assert.deepEqual(given, headers);
  });

for (const { protocol, kept } of [
  { protocol: "1.1", kept: [] },
  { protocol: "2", kept: ["content-length", "3"] },
] as const)
  test(`on ${protocol} a declared length ${kept.length > 0 ? "stays beside" : "gives way to"} trailers that are announced`, () => {
    const headers = ["vary", "content-length", "content-length", "3"];
    announceTrailers(headers, "x-checksum", {
      request: exchangeOf({ protocol, rawHeaders: te }).exchange.request,
      status: 200,
    });
    assert.deepEqual(headers, ["vary", "content-length", ...kept, "trailer", "x-checksum"]);
  });
