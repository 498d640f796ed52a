import assert from "node:assert/strict";
import { test } from "node:test";
import type { Principal } from "@tandem/contracts/principal";
import { compilePath } from "@tandem/kernel/patterns/path-pattern";
import { exchangeOf } from "@tandem/kernel/testing";
import { compileCondition } from "./compile-condition.ts";
import { ExpressionFault } from "./expression-fault.ts";
import { Facts, TooMuch } from "./facts.ts";

const alice: Principal = {
  subject: "alice",
  client: "app",
  scopes: ["orders:read", "orders:write"],
  roles: ["clerk"],
  tenant: "acme",
  method: "jwt",
  issuer: "https://issuer.example",
};
const noon = Date.parse("2026-11-20T12:30:00Z");

interface Given {
  readonly principal?: Principal;
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly address?: string;
}

function evaluate(text: string, { principal = alice, path = "/orders/7?a=1&a=2", headers = [], address }: Given = {}) {
  const { exchange } = exchangeOf({ path, rawHeaders: [...headers] });
  exchange.principal = principal;
  exchange.route = { name: "orders", service: "orders", allow: { kind: "anyone" } };
  exchange.pattern = compilePath("/orders/{id}");
  if (address !== undefined) exchange.request.clientAddress = address;
  const condition = compileCondition(text);
  return condition.test(new Facts(exchange, condition, () => noon));
}

const answered: [text: string, expected: boolean, given?: Given][] = [
  [`principal.subject == "alice" && principal.client == "app"`, true],
  [`principal.tenant == "acme" && "clerk" in principal.roles && !principal.anonymous`, true],
  [`principal.method == "jwt" && principal.issuer.startsWith("https://")`, true],
  [`principal.scopes.exists(s, s.startsWith("orders:")) && principal.scopes.size() == 2`, true],
  [`has(principal.tenant)`, true],
  [`"api" in principal.audiences && principal.audiences.exists(a, a.startsWith("shop-"))`, true, { principal: { ...alice, audiences: ["api", "shop-app"] } }],
  [`principal.audiences == [] && principal.audiences.all(a, a == "api")`, true],
  [`principal.audiences.size() == 0`, true, { principal: { ...alice, method: "none", audiences: ["api"] } }],
  [`has(principal.tenant)`, false, { principal: { subject: "x", scopes: [], roles: [], method: "jwt" } }],
  [`request.method in ["GET", "HEAD"] && request.path == "/orders/7" && request.host == "example.test"`, true],
  [`request.params.id == "7" && route.name == "orders"`, true],
  [`request.query.a.size() == 2 && request.query["a"].exists(v, v == "2")`, true],
  [`"b" in request.query`, false],
  [`inCidr(request.address, "192.0.2.0/24")`, true],
  [`inCidr(request.address, "10.0.0.0/8") || inCidr(request.address, "2001:db8::/32")`, true, { address: "2001:db8::7" }],
  [`inCidr(request.address, "10.0.0.0/8")`, true, { address: "::ffff:10.1.2.3" }],
  [`matches(request.path, "^/orders/[0-9]+$")`, true],
  [`request.time.getHours() == 12 && request.time.getHours("Asia/Tokyo") == 21`, true],
  [`request.time < timestamp("2027-01-01T00:00:00Z") && request.protocol == "1.1" && !has(request.tls)`, true],
  [`request.time - timestamp("2026-11-20T12:00:00Z") < duration("1h")`, true],
  [`request.path == "/orders/" + request.params.id`, true],
  [`request.path == "*" || request.path.startsWith("") && request.host != "[::1]" && request.path.endsWith("7")`, true],
  [`request.method.lowerAscii() == "get" && request.host.upperAscii() == "EXAMPLE.TEST" && request.host + ":1" != "a:1"`, true],
  [`request.method + "s" == "GETs" && request.params.id != "get" && request.method in ["GET", "QUERY", "M-SEARCH"]`, true],
  [`has(request.headers.role) && request.headers.role.all(v, v.split(",").all(r, r.trim() != "admin"))`, true, { headers: ["role", "user", "role", "guest"] }],
]; // prettier-ignore
for (const [text, expected, given] of answered)
  test(`${text} is ${expected}${given ? ` of ${JSON.stringify(given)}` : ""}`, () =>
    assert.equal(evaluate(text, given), expected));

const failing: [text: string, says: RegExp, given?: Given][] = [
  [`request.headers["x-role"][0] == "a"`, /No such key: x-role/],
  [`principal.tenant == "acme"`, /No such key: tenant/, { principal: { ...alice, tenant: undefined } as never }],
  [`request.tls.version == "TLSv1.3"`, /No such key: tls/],
  [`int(request.query.a[0] + "x") == 1`, /^int conversion error at character 1$/],
  [`request.headers["x-a"].exists(v, v == "a")`, /more than a condition looks at/, { headers: ["x-a", "a".repeat(8193)] }],
  [`request.headers["x-a"].size() > 0`, /more than a condition/, { headers: Array.from({ length: 202 }, (_, i) => (i % 2 ? "v" : "x-a")) }],
  [`"a" in principal.scopes`, /more than a condition/, { principal: { ...alice, scopes: Array.from({ length: 101 }, String) } }],
]; // prettier-ignore
for (const [text, says, given] of failing)
  test(`${text} has no answer: ${says.source}`, () => {
    const outcome = evaluate(text, given);
    assert.ok(outcome instanceof Error && says.test(outcome.message), String(outcome));
  });

const telling = [
  `request.headers[request.headers["cookie"][0]].size() == 1`,
  `request.query[request.headers.cookie[0]].size() == 1`,
  `request.params[request.headers["cookie"][0]] == "a"`,
  `int(request.headers["cookie"][0]) == 1`,
  `double(request.headers["cookie"][0]) == 1.0`,
  `timestamp(request.headers["cookie"][0]) < request.time`,
  `request.headers["cookie"][size(request.headers["cookie"][0])] == "a"`,
  `request.headers["cookie"].all(c, int(c) + 9223372036854775807 > 0)`,
  `9223372036854775807 + int(request.headers["x-number"][0]) == 1`,
  `request.time.getHours("Europe/Berlin") / (int(request.headers["x-number"][0]) - 4711) == 1`,
];
for (const text of telling)
  test(`no value of the request is told where ${text} has no answer`, () => {
    const outcome = evaluate(text, { headers: ["cookie", "session=4711-secret", "x-number", "4711"] });
    assert.ok(outcome instanceof Error, String(outcome));
    const { message, stack, cause } = outcome;
    assert.doesNotMatch(`${message} ${stack} ${String(cause)}`, /4711|secret|9223372036854780518/);
    assert.match(message, /^[a-z ]+at character \d+$/);
  });

test("what a condition does not mention may be as long as it likes", () => {
  const headers = ["cookie", "a".repeat(9000), "x-role", "user"];
  assert.equal(evaluate(`request.headers["x-role"][0] == "user"`, { headers }), true);
  assert.ok(evaluate(`request.headers.exists(h, h == "x-role")`, { headers }) instanceof TooMuch);
});

test("every value of a header is seen, whichever comes first", () => {
  for (const values of [
    ["user", "admin"],
    ["admin", "user"],
  ])
    // prettier-ignore
    assert.equal(
      evaluate(`request.headers["x-role"].exists(v, v == "admin")`, {
        headers: values.flatMap((value) => ["X-Role", value]),
      }),
      true,
    );
});

test("names that objects have are no headers and no parameters", () => {
  assert.equal(evaluate(`"__proto__" in request.headers || "constructor" in request.query`), false);
  assert.equal(evaluate(`request.headers["__proto__"][0] == "x"`, { headers: ["__proto__", "x"] }), true);
});

test("what vouches for the caller is shown to no condition", () => {
  const headers = ["tandem-assertion", "secret", "tandem-client", "x", "tandem-credential", "y"];
  assert.equal(evaluate(`request.headers.exists(h, h.startsWith("tandem-"))`, { headers }), false);
});

const refused: [text: string, at: number, says: RegExp][] = [
  ["", 0, /./],
  ["request.methd == 'GET'", 8, /there is no methd/],
  ["request.method == 1", 0, /no such overload: string == int/],
  ["request.method", 0, /this is a string/],
  ["requst.method == 'GET'", 0, /there is no requst/],
  ["request.method == 'GET' &&", 26, /./],
  ["has(principal.tennant)", 14, /there is no tennant/],
  ["has(request.tls.snii)", 16, /there is no snii/],
  ["1 == 1", 0, /the same for every request/],
  ["inCidr(request.address, '10.0.0.0/33')", 24, /no network/],
  ["inCidr(request.address, request.host)", 24, /literal/],
  ["request.path.matches('a')", 13, /no method/],
  ["matches(request.path, request.path)", 22, /literal/],
  ["matches(request.path, '^(a+')", 24, /never closed/],
  ["matches(request.path, '(?=a)')", 23, /no flags, names/],
  ["request.headers['X-Role'][0] == 'a'", 16, /small letters/],
  ["request.time.getHours('Nowhere/Town') == 1", 22, /no time zone/],
  ["request.path.map(x, x) == 1", 13, /no function map/],
  ["cel.bind(x, request.path, x == 'a')", 4, /no function bind/],
  ["principal.scopes.exist(s, s == 'a')", 17, /no function exist/],
  ["principal.scopes.exists(request, request == 'a')", 24, /meaning already/],
  ["request.method == 'get'", 18, /no request has the method get/],
  ["route.name == 'a' || 'Get' != request.method", 21, /no request has the method Get/],
  ["request.method in ['GET', 'TRACE']", 26, /no request has the method TRACE/],
  ["request.host == 'Api.test'", 16, /small letters/],
  ["request.host in ['api.test:8443']", 17, /without its port/],
  ["!(request.path == 'orders')", 18, /begins with a slash/],
  ["request.path.startsWith('orders/')", 24, /begins with a slash/],
  ["type(request.path) == string", 0, /no function type/],
  ["duration(request.path) < duration('1h')", 9, /literal/],
  [`request.path == '${"a".repeat(5000)}'`, 0, /characters/],
  [`${"(".repeat(100)}request.path == 'a'${")".repeat(100)}`, 40, /depth/i],
  [
    Array.from({ length: 500 }, () => "request.path == 'a'")
      .join("||")
      .slice(0, 4000),
    0,
    /./,
  ],
];
for (const [text, at, says] of refused)
  test(`${text.slice(0, 60)} is refused at its fault`, () =>
    assert.throws(
      () => compileCondition(text),
      (error) => {
        assert.ok(error instanceof ExpressionFault, String(error));
        assert.match(error.message, says);
        if (at > 0 || text.length < 100) assert.equal(error.offset, at);
        return true;
      },
    ));

test("a condition knows what it looks at", () => {
  const seen = (text: string) => compileCondition(text);
  assert.equal(seen("principal.tenant == 'a' && 'b' in principal.roles").principalOnly, true);
  assert.equal(seen("principal.tenant == request.host").principalOnly, false);
  assert.deepEqual(seen("'a' in request.headers && request.headers.b[0] == 'c'").headers, new Set(["a", "b"]));
  assert.equal(seen("request.headers.exists(h, h == 'a')").headers, "all");
  assert.equal(seen("request.headers[request.host][0] == 'a'").headers, "all");
  assert.deepEqual(seen("request.params.id == '7'").params, [{ name: "id", offset: 15 }]);
});

test("what depends on the caller alone is found out once for each, and for whoever is asked about at all", () => {
  const condition = compileCondition("principal.tenant == 'acme'");
  let read = 0;
  const callerOf = (tenant: string): Principal =>
    Object.defineProperty({ ...alice }, "tenant", { get: () => (read++, tenant) });
  const outcome = (principal: Principal) => {
    const { exchange } = exchangeOf();
    exchange.principal = principal;
    return condition.test(new Facts(exchange, condition, () => noon));
  };
  const [acme, zeta] = [callerOf("acme"), callerOf("zeta")];
  for (let turn = 0; turn < 5; turn++) assert.deepEqual([outcome(acme), outcome(zeta)], [true, false]);
  const once = read;
  outcome(acme);
  assert.equal(read, once);
  for (let turn = 0; turn < 3000; turn++) assert.equal(outcome({ ...alice, tenant: `t${turn}` }), false);
  assert.equal(outcome(acme), true);
  assert.ok(read > once, "who was not asked about for long is forgotten");
});
