import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import type { RequestParts } from "../request-view.ts";
import { exchangeOf, rawRequest, request } from "../testing.ts";
import { hygiene } from "./stage.ts";

const strict = hygiene({ from: "strangers" });

/** The code and detail with which a request is refused, or undefined. */
function refusal(parts: Partial<RequestParts>, stage = strict): string | undefined {
  try {
    void stage.run(exchangeOf({ rawHeaders: ["Host", "example.test"], ...parts }).exchange);
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

test("a request is known by its normal form behind hygiene", async (t) => {
  const headers = {
    Host: "API.Example.Test.:8443",
    "X-A": "B",
    Cookie: "a=1",
    "User-Agent": "caf\u00e9",
    Connection: "X-Hop",
    "X-Hop": "1",
  };
  const { json, status } = await request(t, [strict], { path: "/%61/caf%c3%a9?q=%2e", headers });
  assert.equal(status, 200);
  assert.equal(json.path, "/a/caf%C3%A9");
  assert.equal(json.query, "?q=%2e");
  assert.equal(json.host, "api.example.test");
  assert.deepEqual(json.headers, [
    "x-a",
    "B",
    "cookie",
    "a=1",
    "user-agent",
    "caf\u00e9",
    "host",
    "api.example.test:8443",
  ]);
});

test("what a refusal says is a problem with the id of the request", async (t) => {
  const { json, status } = await request(t, [strict], { path: "/a/%2e%2e/b" });
  assert.equal(status, 400);
  assert.equal(json.type, "urn:tandem:problem:request.path");
  assert.equal(json.detail, "the path holds a dot segment");
});

const paths = [
  "/admin%2Fx",
  "/a/../admin",
  "/%252e%252e/admin",
  "//admin",
  "/a\\admin",
  "/..;/admin",
  "/%c0%ae%c0%ae/admin",
  "/a%00",
  "/a%0d%0aX:1",
];

for (const target of paths) {
  test(`the path ${target} reaches no stage`, async (t) => {
    const bytes = `GET ${target} HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n`;
    assert.match(await rawRequest(t, [strict], bytes), /^HTTP\/1\.1 400 [^]*urn:tandem:problem:request\.path/);
  });
}

const hosts: { name: string; lines: string; expected: RegExp }[] = [
  { name: "one Host", lines: "Host: example.test\r\n", expected: /^HTTP\/1\.1 200 / },
  { name: "no Host", lines: "", expected: /^HTTP\/1\.1 400 / },
  { name: "an empty Host", lines: "Host:\r\n", expected: /request\.host/ },
  { name: "two Hosts", lines: "Host: example.test\r\nHost: evil.test\r\n", expected: /request\.host/ },
  { name: "the same Host twice", lines: "Host: example.test\r\nhost: example.test\r\n", expected: /request\.host/ },
  { name: "two Hosts in one line", lines: "Host: example.test, evil.test\r\n", expected: /request\.host/ },
  { name: "a Host with a user", lines: "Host: example.test@evil.test\r\n", expected: /request\.host/ },
  { name: "a Host with a path", lines: "Host: evil.test:80/api\r\n", expected: /request\.host/ },
  { name: "a Host with a port that is none", lines: "Host: example.test:99999\r\n", expected: /request\.host/ },
];

for (const { name, lines, expected } of hosts) {
  test(`a request with ${name} gets its answer`, async (t) => {
    assert.match(await rawRequest(t, [strict], `GET / HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`), expected);
  });
}

for (const from of ["strangers", "security-tier"] as const)
  test(`HTTP/1.0 from ${from} names a host, or is refused`, async (t) => {
    const ask = (head: string): Promise<string> => rawRequest(t, [hygiene({ from })], `${head}\r\n\r\n`);
    assert.match(await ask("GET / HTTP/1.0\r\nHost: example.test"), /^HTTP\/1\.1 200 [^]*"host":"example\.test"/);
    for (const head of ["GET / HTTP/1.0", "GET http://example.test/ HTTP/1.0"])
      assert.match(await ask(head), /^HTTP\/1\.1 400 [^]*urn:tandem:problem:request\.host/);
  });

test("an absolute target passes where it names the Host, and gives its path", async (t) => {
  const ask = async (target: string): Promise<string> =>
    rawRequest(t, [strict], `GET ${target} HTTP/1.1\r\nHost: example.test:8080\r\nConnection: close\r\n\r\n`);
  assert.match(await ask("http://EXAMPLE.test:8080/a?b"), /"path":"\/a","query":"\?b"/);
  assert.match(await ask("http://evil.test/a"), /request\.path/);
  assert.match(await ask("http://example.test:8080@evil.test/a"), /request\.path/);
});

const methods: { method: string; code: string | undefined }[] = [
  { method: "GET", code: undefined },
  { method: "PROPFIND", code: undefined },
  { method: "M-SEARCH", code: undefined },
  { method: "TRACE", code: "request.method" },
  { method: "TRACK", code: "request.method" },
  { method: "CONNECT", code: "request.method" },
  { method: "get", code: "request.method" },
  { method: "", code: "request.method" },
  { method: "GE T", code: "request.method" },
  { method: "BREW", code: "request.method" },
];

for (const { method, code } of methods) {
  test(`the method ${JSON.stringify(method)} ${code ? "is not supported" : "passes"}`, () =>
    assert.equal(refusal({ method }), code));
}

test("a method that nobody carries is 501 on the wire", async (t) => {
  assert.equal((await request(t, [strict], { method: "TRACE" })).status, 501);
});

const headers: { name: string; rawHeaders: string[]; code: string | undefined }[] = [
  { name: "any value in ASCII", rawHeaders: ["Authorization", "Bearer a", "X-A", "!~\t"], code: undefined },
  { name: "obs-text in a user agent", rawHeaders: ["User-Agent", "\x85a\xa0", "Cookie", "a=\xe9"], code: undefined },
  { name: "obs-text in a name of a user", rawHeaders: ["X-Name", "\x85admin\xa0"], code: "request.header" },
  { name: "obs-text in credentials", rawHeaders: ["Authorization", "Bearer a\xa0"], code: "request.header" },
  { name: "obs-text in a key", rawHeaders: ["X-API-Key", "\x85a"], code: "request.header" },
  { name: "obs-text in a content type", rawHeaders: ["Content-Type", "a/b\xa0"], code: "request.header" },
  { name: "two content types", rawHeaders: ["Content-Type", "a/b", "content-type", "a/b"], code: "request.header" },
  { name: "two origins", rawHeaders: ["Origin", "https://a.test", "Origin", "https://b.test"], code: "request.header" },
  { name: "an expectation that can be met", rawHeaders: ["Expect", "100-Continue"], code: undefined },
  { name: "another expectation", rawHeaders: ["Expect", "200-ok"], code: "request.expectation" },
  { name: "two expectations", rawHeaders: ["Expect", "100-continue", "Expect", "x"], code: "request.expectation" },
];
for (const name of [
  "Host",
  "Authorization",
  "Cookie",
  "Content-Length",
  "Content-Type",
  "X-API-Key",
  "Origin",
  "Accept",
  "Expect",
])
  headers.push({
    name: `Connection naming ${name}`,
    rawHeaders: ["Connection", `close, ${name}`],
    code: "request.header",
  });
for (const value of ["close", "keep-alive, TE", "Keep-Alive", ", close,", "x-hop", "HTTP2-Settings, trailer"])
  headers.push({ name: `Connection: ${value}`, rawHeaders: ["Connection", value], code: undefined });
for (const value of ["x hop", "x_forwarded_for", "close; a", "x\xa0", "transfer-encoding", "connection"])
  headers.push({ name: `Connection: ${value}`, rawHeaders: ["Connection", value], code: "request.header" });

for (const { name, rawHeaders, code } of headers) {
  test(`a request with ${name} ${code ? `is refused: ${code}` : "passes"}`, () =>
    assert.equal(refusal({ rawHeaders: ["Host", "example.test", ...rawHeaders] }), code));
}

test("what belongs to the connection goes no further", () => {
  const hop = [
    "Connection",
    "X-Hop, te",
    "connection",
    "X-Hop2",
    "X-Hop",
    "1",
    "X-Hop2",
    "2",
    "Keep-Alive",
    "5",
    "Trailer",
    "a",
  ];
  const rawHeaders = [
    "Host",
    "a.test",
    ...hop,
    "TE",
    "gzip",
    "HTTP2-Settings",
    "AA",
    "Expect",
    "100-continue",
    "TE",
    "trailers",
  ];
  const { exchange } = exchangeOf({ rawHeaders });
  void strict.run(exchange);
  assert.deepEqual(exchange.request.headers, ["te", "trailers", "host", "a.test"]);
});

test("cookies in several lines are one line", () => {
  const { exchange } = exchangeOf({ rawHeaders: ["Host", "a.test", "Cookie", "a=1", "X-A", "1", "cookie", "b=2"] });
  void strict.run(exchange);
  assert.deepEqual(exchange.request.values("cookie"), ["a=1; b=2"]);
});

test("the client's request id goes no further, whatever it holds: the prelude has read it", () => {
  for (const ids of [["7f0c-A.b:c"], [""], ["caf\u00e9"], ["a", "b"]]) {
    const rawHeaders = ["Host", "a.test", ...ids.flatMap((id) => ["X-Request-Id", id])];
    const { exchange } = exchangeOf({ rawHeaders });
    void strict.run(exchange);
    assert.deepEqual(exchange.request.headers, ["host", "a.test"], ids.join());
    assert.equal(exchange.record.clientRequestId, undefined);
  }
});

test("a head beyond the limits is refused by what is too much of it", () => {
  const small = hygiene({ from: "strangers", target: 20, limits: { head: 200, headers: 5 } });
  const rawHeaders = ["Host", "example.test", ...Array.from({ length: 4 }, () => ["X-A", "1"]).flat()];
  assert.equal(refusal({ rawHeaders, target: `/${"a".repeat(19)}` }, small), undefined);
  assert.equal(refusal({ rawHeaders, target: `/${"a".repeat(20)}` }, small), "request.uri-too-long");
  assert.equal(refusal({ rawHeaders: [...rawHeaders, "X-B", "1"] }, small), "request.head-too-large");
  assert.equal(
    refusal({ rawHeaders: ["Host", "example.test", "X-A", "a".repeat(180)] }, small),
    "request.head-too-large",
  );
});
