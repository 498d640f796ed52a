import assert from "node:assert/strict";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { z } from "zod";
import { formatDiagnostic } from "./diagnostic.ts";
import { duration } from "./fields.ts";
import { type Check, loadConfig } from "./load-config.ts";
import { secret } from "./secret.ts";
import { directoryWith } from "../testing.ts";

const issuer = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("embedded"), name: z.string(), password: secret().optional() }),
  z.strictObject({ type: z.literal("jwt"), name: z.string(), jwks: z.url() }),
]);
const allow = z.union([
  z.enum(["anyone", "authenticated"]),
  z.strictObject({ scopes: z.array(z.string()).min(1) }),
  z.strictObject({ roles: z.array(z.string()).min(1) }),
]);
const schema = z.strictObject({
  security: z.strictObject({ issuers: z.array(issuer).max(2), workers: z.int().min(1).max(8).default(1) }).optional(),
  routing: z
    .strictObject({
      services: z.record(z.string().regex(/^[a-z-]+$/, "a name is lower-case letters and dashes"), service()),
      routes: z.array(z.strictObject({ name: z.string(), allow, service: z.string() })),
    })
    .optional(),
});

function service() {
  const instance = z.union([z.url(), z.strictObject({ url: z.url(), weight: z.int() })]);
  const target = z.union([
    z.strictObject({ kind: z.literal("static"), instances: z.array(instance) }),
    z.strictObject({ kind: z.literal("dns"), name: z.string() }),
  ]);
  return z.strictObject({ timeout: duration().prefault("3s"), target: target.optional() });
}

const knownServices: Check<z.output<typeof schema>> = ({ routing }) =>
  (routing?.routes ?? []).flatMap((route, at) =>
    routing?.services[route.service] === undefined
      ? [{ path: ["routing", "routes", at, "service"], message: `no service "${route.service}"`, suggestion: "orders" }]
      : [],
  );

function load(t: TestContext, text: string) {
  const directory = directoryWith(t, { "gw.yaml": text });
  const file = join(directory, "gw.yaml");
  const environment = { PASSWORD: "hunter2" };
  return loadConfig({
    file,
    schema,
    resolve: ["security"],
    require: ["security"],
    checks: [knownServices],
    environment,
  });
}

function problemsOf(t: TestContext, text: string): string[] {
  const result = load(t, text);
  return result.ok ? [] : result.diagnostics.map((problem) => formatDiagnostic({ ...problem, file: "gw" }));
}

const good = `security: { issuers: [ { type: embedded, name: local, password: "\${env:PASSWORD}" } ] }
routing:
  services: { orders: { timeout: 2s } }
  routes: [ { name: a, allow: { scopes: [x] }, service: orders } ]
`;

test("a good file gives a frozen value with its defaults and its hash", (t) => {
  const result = load(t, good);
  assert.ok(result.ok);
  assert.equal(result.value.security.workers, 1);
  assert.equal(result.value.routing?.services["orders"]?.timeout, 2000);
  assert.match(result.hash, /^[0-9a-f]{12}$/);
  assert.ok(Object.isFrozen(result.value.routing?.routes[0]?.allow));
  assert.throws(() => Object.assign(result.value.security.issuers, { length: 0 }), TypeError);
  assert.doesNotMatch(JSON.stringify(result.value), /hunter2/);
});

test("the hash is that of one's own sections as they are written", (t) => {
  const hashOf = (text: string): string => {
    const result = load(t, text);
    assert.ok(result.ok);
    return result.hash;
  };
  assert.equal(hashOf(good), hashOf(good.replace("2s", "9s")));
  assert.notEqual(hashOf(good), hashOf(good.replace("local", "other")));
});

const inSecurity = (issuers: string): string => `security:\n  issuers: [ ${issuers} ]\n`;
const inRoute = (given: string): string => `${good.slice(0, good.indexOf("  routes"))}  routes:\n    - ${given}\n`;
const inTarget = (given: string): string => good.replace("timeout: 2s", `target: ${given}`);

const cases: { name: string; given: string; expected: string[] }[] = [
  {
    name: "a missing section",
    given: "routing: { services: {}, routes: [] }",
    expected: ["gw:1:1  security: missing; expected this section"],
  },
  { name: "an empty section", given: "security:\n", expected: ["gw:1:1  security: found nothing; expected a mapping"] },
  {
    name: "an unknown section",
    given: `${good}rooting: {}\n`,
    expected: ['gw:5:1  rooting: unknown section; did you mean "routing"?'],
  },
  {
    name: "an unknown section where the one that was meant must be",
    given: "securty: { issuers: [] }",
    expected: ['gw:1:1  securty: unknown section; did you mean "security"?'],
  },
  {
    name: "an unknown key, at the key, and not once more as missing what was meant,",
    given: inRoute("{ name: a, allow: anyone, servce: orders }"),
    expected: ['gw:5:33  routing.routes[0].servce: unknown key; did you mean "service"?'],
  },
  {
    name: "an unknown key beside another that is missing",
    given: inRoute("{ nam: a, allow: anyone }"),
    expected: [
      "gw:5:7  routing.routes[0].service: missing; expected a text",
      'gw:5:9  routing.routes[0].nam: unknown key; did you mean "name"?',
    ],
  },
  {
    name: "an unknown key that resembles none",
    given: good.replace("timeout: 2s", "x: 1"),
    expected: ["gw:3:25  routing.services.orders.x: unknown key; expected timeout or target"],
  },
  {
    name: "a mistyped tag",
    given: inSecurity("{ type: jwtt, name: a }"),
    expected: ['gw:2:22  security.issuers[0].type: found "jwtt"; expected "embedded" or "jwt"; did you mean "jwt"?'],
  },
  {
    name: "a missing tag",
    given: inSecurity("{ name: a }"),
    expected: ['gw:2:14  security.issuers[0].type: missing; expected "embedded" or "jwt"'],
  },
  {
    name: "an error in the branch that the tag names",
    given: inSecurity("{ type: jwt, name: 3 }"),
    expected: [
      "gw:2:14  security.issuers[0].jwks: missing; expected a text",
      "gw:2:33  security.issuers[0].name: found a number; expected a text",
    ],
  },
  {
    name: "a mistyped word of a union",
    given: inRoute("{ name: a, allow: anyon, service: orders }"),
    expected: [
      'gw:5:25  routing.routes[0].allow: found "anyon"; expected "anyone" or "authenticated" or a mapping; did you mean "anyone"?',
    ],
  },
  {
    name: "a value of no kind that a union knows",
    given: inRoute("{ name: a, allow: 3, service: orders }"),
    expected: ['gw:5:25  routing.routes[0].allow: found a number; expected "anyone" or "authenticated" or a mapping'],
  },
  {
    name: "a missing union",
    given: inRoute("{ name: a, service: orders }"),
    expected: ['gw:5:7  routing.routes[0].allow: missing; expected "anyone" or "authenticated" or a mapping'],
  },
  {
    name: "a mistyped key of one branch of a union",
    given: inRoute("{ name: a, allow: { role: [x] }, service: orders }"),
    expected: ['gw:5:27  routing.routes[0].allow.role: unknown key; did you mean "roles"?'],
  },
  {
    name: "an error in the branch of a union that a word names",
    given: inTarget("{ kind: static, instances: [ 'http://a', { url: 'http://b', wait: 1 } ] }"),
    expected: [
      "gw:3:74  routing.services.orders.target.instances[1].weight: missing; expected a number",
      "gw:3:93  routing.services.orders.target.instances[1].wait: unknown key; expected url or weight",
    ],
  },
  {
    name: "a list that is too short, and a list that is too long",
    given: inRoute("{ name: a, allow: { scopes: [] }, service: orders }").replace(
      /issuers: .*/,
      "issuers: [ 1, 2, 3 ] }",
    ),
    expected: [
      "gw:1:22  security.issuers: found 3 items; expected at most 2 items",
      "gw:5:35  routing.routes[0].allow.scopes: found 0 items; expected at least 1 items",
    ],
  },
  {
    name: "a number out of bounds, and one with a fraction",
    given: "security: { issuers: [], workers: 9 }",
    expected: ["gw:1:35  security.workers: found 9; expected at most 8"],
  },
  {
    name: "a fraction",
    given: "security: { issuers: [], workers: 1.5 }",
    expected: ["gw:1:35  security.workers: found a number; expected a whole number"],
  },
  {
    name: "a name that is not allowed, at the key",
    given: good.replace("orders: {", "Orders: {"),
    expected: ["gw:3:15  routing.services.Orders: a name is lower-case letters and dashes"],
  },
  {
    name: "what only a check can see",
    given: good.replace("service: orders", "service: order"),
    expected: ['gw:4:57  routing.routes[0].service: no service "order"; did you mean "orders"?'],
  },
];
for (const { name, given, expected } of cases) {
  test(`${name} is told with its place`, (t) => assert.deepEqual(problemsOf(t, given), expected));
}

test("everything is told at once, in the order of the file, and a missing secret hides no finding of the checks", (t) => {
  const lines = good
    .replace("PASSWORD", "NOPE")
    .replace("service: orders", "service: order")
    .replace("{ orders: { timeout: 2s } }", "{ orders: {}, orders: {} }");
  assert.deepEqual(problemsOf(t, lines), [
    "gw:1:65  security.issuers[0].password: the environment variable NOPE is not set",
    'gw:3:27  duplicate key "orders"',
    'gw:4:57  routing.routes[0].service: no service "order"; did you mean "orders"?',
  ]);
});

test("checks are not asked about a value that is not whole", (t) => {
  const problems = problemsOf(t, good.replace("service: orders", "service: order").replace("name: local", "name: 1"));
  assert.deepEqual(problems, ["gw:1:48  security.issuers[0].name: found a number; expected a text"]);
});

test("a file that is not there is a diagnostic, not an exception", () => {
  const result = loadConfig({ file: "/nowhere/gw.yaml", schema });
  assert.ok(!result.ok);
  assert.deepEqual(result.diagnostics.map(formatDiagnostic), ["/nowhere/gw.yaml:1:1  the file does not exist"]);
});
