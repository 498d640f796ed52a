import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { exchangeOf, rawRequest } from "../testing.ts";
import { hygiene } from "./stage.ts";

// Written out once more, so that a name lost from the table is missed here.
const managed = [
  "X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Uri X-Forwarded-Method",
  "X-Forwarded-Server X-Forwarded-Client-Cert X-Forwarded-User X-Forwarded-Email X-Forwarded Forwarded X-Forward-For Via",
  "X-Real-IP X-Client-IP True-Client-IP X-Cluster-Client-IP CF-Connecting-IP Fastly-Client-IP X-Original-Forwarded-For Client-IP",
  "X-Original-URL X-Rewrite-URL X-Original-Host X-HTTP-Method-Override X-HTTP-Method X-Method-Override X-Host",
  "X-Middleware-Subrequest X-Sendfile-Type X-Accel-Mapping Proxy Proxy-Authorization Proxy-Connection Early-Data",
  "X-User X-User-Id X-Userinfo X-Username X-Id-Token X-Consumer-Id X-Consumer-Username X-Credential-Identifier X-Anonymous-Consumer",
  "X-Authenticated-Userid X-Authenticated-Groups X-Auth-Request-User X-Auth-User Remote-User X-Remote-User X-WebAuth-User",
  "X-SSL-Client-Cert X-SSL-Client-Verify SSL-Client-Subject-DN Client-Cert X-Client-Cert X-Goog-Authenticated-User-Email",
  "X-Amzn-Oidc-Data X-MS-Client-Principal X-Envoy-External-Address X-Internal-User X-Roles X-Role X-Groups",
  "X-Tenant X-Tenant-Id X-Email X-User-Email X-Client-Id X-Tandem-Principal X-Tandem-Anything",
  "Tandem-Assertion Tandem-Client Tandem-Anything Baggage Traceparent Tracestate B3 X-B3-TraceId Uber-Trace-Id",
].flatMap((line) => line.split(" "));

/** What is left of headers behind hygiene, or the problem that they are. */
function cleaned(rawHeaders: readonly string[], from: "strangers" | "security-tier" = "strangers"): string[] | string {
  const { exchange } = exchangeOf({ rawHeaders: ["Host", "example.test", ...rawHeaders] });
  try {
    void hygiene({ from }).run(exchange);
    return exchange.request.headers.filter((_, index, all) => all[index - (index % 2)] !== "host");
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

for (const name of managed) {
  test(`${name} is dropped in every spelling, and not to be named by Connection`, () => {
    const spellings = [
      name,
      name.toLowerCase(),
      name.toUpperCase(),
      name.replaceAll("-", "_"),
      name.replaceAll("-", "."),
    ];
    const mixed = name.toLowerCase().replace(/(?<=^(?:..)*.)[a-z]/g, (letter) => letter.toUpperCase());
    spellings.push(mixed, name.replace("-", "_"), name.toLowerCase().replaceAll("-", "_"));
    for (const spelling of spellings)
      assert.deepEqual(cleaned([spelling, "a", "X-Kept", "1", spelling, "b"]), ["x-kept", "1"], spelling);
    if (name === "Proxy-Connection") return;
    assert.equal(cleaned(["Connection", `close, ${name}`]), "request.header");
    assert.equal(cleaned(["Connection", name.toLowerCase(), name, "a"]), "request.header");
  });
}

test("names that only resemble managed ones pass", () => {
  const names = [
    "x-user-agent",
    "x-forest",
    "proxied",
    "tandemic",
    "x-request",
    "forwarding",
    "x-viapath",
    "realm",
    "remotely",
    "x-client-version",
    "x-emailed-at",
    "x-tenants",
    "x-tandemic",
  ];
  const rawHeaders = names.flatMap((name) => [name, "1"]);
  assert.deepEqual(cleaned(rawHeaders), rawHeaders);
});

test("a name with anything but letters, digits and dashes is refused", () => {
  for (const name of ["X_Custom", "x.custom", "Content_Type", "Author_ization", "X~A", "Cookie!", "_", "accept_"])
    assert.equal(cleaned([name, "1"]), "request.header", name);
  assert.deepEqual(cleaned(["X-Custom", "1"]), ["x-custom", "1"]);
});

test("only the security tier may vouch for a caller, and only once", () => {
  const vouched = ["tandem-assertion", "a.b.c", "tandem-client", 'addr="192.0.2.7"'];
  assert.deepEqual(cleaned(vouched), []);
  assert.deepEqual(cleaned(vouched, "security-tier"), vouched);
  assert.deepEqual(cleaned([...vouched, "tandem_assertion", "x", "tandem-other", "y"], "security-tier"), vouched);
  assert.equal(cleaned([...vouched, "Tandem-Assertion", "a.b.c"], "security-tier"), "request.header");
  assert.equal(cleaned([...vouched, "tandem-client", "x"], "security-tier"), "request.header");
  assert.equal(cleaned(["tandem-assertion", "a\xa0"], "security-tier"), "request.header");
  assert.equal(cleaned([...vouched, "connection", "tandem-assertion"], "security-tier"), "request.header");
});

test("the security tier's word on anything else counts no more than a stranger's", () => {
  for (const name of managed.filter((each) => !/^Tandem-(?:Assertion|Client)$/.test(each)))
    assert.deepEqual(cleaned([name, "a"], "security-tier"), [], name);
});

test("further managed names are dropped like the table's own", () => {
  const { exchange } = exchangeOf({
    rawHeaders: ["Host", "a.test", "X-Employee-Id", "7", "x_employee_id", "8", "X-A", "1"],
  });
  void hygiene({ from: "strangers", managed: ["x-employee-id"] }).run(exchange);
  assert.deepEqual(exchange.request.headers, ["x-a", "1", "host", "a.test"]);
});

test("many strange names do not change what becomes of the managed ones", () => {
  const stage = hygiene({ from: "strangers" });
  for (let round = 0; round < 100; round++) {
    const strange = Array.from({ length: 50 }, (_, index) => [`X-Strange-${round}-${index}`, "1"]).flat();
    const { exchange } = exchangeOf({
      rawHeaders: ["Host", "a.test", ...strange, `X-UsEr-${round}`, "evil", "x-odd", "1"],
    });
    void stage.run(exchange);
    assert.deepEqual(exchange.request.headers.slice(-4), ["x-odd", "1", "host", "a.test"]);
    assert.equal(exchange.request.headers.length, 104);
  }
});

const onTheWire: { name: string; lines: string[] }[] = [
  { name: "an identity under underscores", lines: ["X_Forwarded_User: admin"] },
  {
    name: "a forwarded header in two lines and two spellings",
    lines: ["X-Forwarded-For: evil", "x_forwarded-FOR: evil"],
  },
  { name: "an assertion of the client's own", lines: ["Tandem-Assertion: evil.evil.evil"] },
  { name: "an identity as a trailer", lines: ["Transfer-Encoding: chunked", "Trailer: X-User"] },
];

for (const { name, lines } of onTheWire) {
  test(`${name} does not reach the stages behind`, async (t) => {
    const body = lines.some((line) => line.startsWith("Transfer")) ? "0\r\nX-User: evil\r\n\r\n" : "";
    const head = ["POST / HTTP/1.1", "Host: example.test", "Connection: close", "X-Kept: 1", ...lines];
    const text = await rawRequest(t, [hygiene({ from: "strangers" })], `${head.join("\r\n")}\r\n\r\n${body}`);
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.match(text, /"x-kept","1"/);
    assert.doesNotMatch(text, /evil|admin|trailer/i);
  });
}
