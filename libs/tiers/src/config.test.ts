import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { test, type TestContext } from "node:test";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { directoryWith } from "@tandem/platform/testing";
import { loadRouting, loadSecurity, loadTandem } from "./load.ts";

const deploy = resolve(import.meta.dirname, "../../../deploy");

for (const name of ["local", "compose"])
  test(`deploy/${name}/tandem.yaml is good`, () => {
    const loaded = loadTandem(join(deploy, name, "tandem.yaml"));
    assert.deepEqual(loaded.ok ? [] : loaded.diagnostics.map(formatDiagnostic), []);
  });

const good = `security:
  listen: { host: 127.0.0.1, port: 8443 }
  admin: { port: 9081 }
  assertion: { keys: private }
  routingTier: { discovery: static, instances: ["http://127.0.0.1:8081"] }
routing:
  listen: { port: 8081 }
  assertion: { keys: public }
  services:
    orders: { discovery: static, instances: ["http://127.0.0.1:1"] }
  routes:
    - { name: orders, match: { path: "/orders/**" }, allow: anyone, service: orders }
`;

function told(t: TestContext, text: string, load: (file: string) => ReturnType<typeof loadTandem> = loadTandem) {
  const loaded = load(join(directoryWith(t, { "tandem.yaml": text }), "tandem.yaml"));
  return loaded.ok ? [] : loaded.diagnostics.map((problem) => formatDiagnostic({ ...problem, file: "" }));
}

test("what is missing is made up for by defaults that are safe", (t) => {
  assert.deepEqual(told(t, good), []);
  const loaded = loadTandem(join(directoryWith(t, { "tandem.yaml": good }), "tandem.yaml"));
  assert.ok(loaded.ok);
  const { security, routing } = loaded.value;
  assert.deepEqual([security?.admin.host, routing?.admin.host], ["127.0.0.1", "127.0.0.1"]);
  assert.equal(routing?.admin.port, 9082);
  assert.equal(routing.heldBodies, 64 * 1024 * 1024);
  assert.ok(security && routing && routing.listen.limits.head > security.listen.limits.head);
});

const instead = (from: string, to: string): string => {
  assert.ok(good.includes(from), from);
  return good.replace(from, to);
};
const alsoRoute = (route: string): string => `${good}    - ${route}\n`;
const another = 'match: { path: "/orders/**" }, allow: anyone, service: orders }';

const faults: { name: string; text: string; expected: string[] }[] = [
  { name: "an empty file", text: "", expected: [":1:1  the file is empty; expected a mapping of sections"] },
  {
    name: "a file for no tier",
    text: "log: { level: debug }\n",
    expected: [":1:1  the file is for no tier; expected a section security, routing or both"],
  },
  {
    name: "a mistyped section",
    text: instead("routing:", "ruoting:"),
    expected: [':6:1  ruoting: unknown section; did you mean "routing"?'],
  },
  {
    name: "one port for two things",
    text: instead("port: 9081", "port: 8443"),
    expected: [":3:18  security.admin.port: port 8443 is the public one already: the admin plane needs its own"],
  },
  {
    name: "a network whose trust can never hold",
    text: instead(
      "  admin: { port: 9081 }",
      "  admin: { port: 9081 }\n  traceContext: { networks: [{ from: [10.0.0.0/8], trust: continue }, { from: [10.1.0.0/16], trust: ignore }] }",
    ),
    expected: [
      ":4:80  security.traceContext.networks[1].from[0]: can never match: all of 10.1.0.0/16 stands before it, and the first entry holds",
    ],
  },
  {
    name: "rules for certificates that nobody is asked for",
    text: instead(
      "  admin: { port: 9081 }",
      "  admin: { port: 9081 }\n  certificates: [{ match: { subject: { CN: a } }, principal: { subject: b } }]",
    ),
    expected: [
      ":4:3  security.certificates: no client is ever asked for its certificate; expected security.listen.tls with a clientCa",
    ],
  },
  {
    name: "API keys that would be forgotten",
    text: instead("  admin: { port: 9081 }", "  admin: { port: 9081 }\n  apiKeys: { store: true }"),
    expected: [
      ":4:21  security.apiKeys.store: the memory of one process would forget the keys at its end; expected security.store of type redis, or a file",
    ],
  },
  {
    name: "a client whose tokens are bound to a certificate that nobody is asked for",
    text: instead(
      "  admin: { port: 9081 }",
      `  admin: { port: 9081 }
  issuers:
    - name: own
      type: embedded
      issuer: https://a.test
      audience: a
      keys: k
      clients: [{ id: a, secretHash: "sha256:${"0".repeat(64)}", bound: certificate }]`,
    ),
    expected: [
      ":10:113  security.issuers[0].clients[0].bound: no client is ever asked for its certificate; expected security.listen.tls with a clientCa",
    ],
  },
  {
    name: "a client that proves itself by a certificate that nobody is asked for",
    text: instead(
      "  admin: { port: 9081 }",
      `  admin: { port: 9081 }
  issuers:
    - name: own
      type: embedded
      issuer: https://a.test
      audience: a
      keys: k
      clients: [{ id: a, certificate: { subject: { CN: a } } }]`,
    ),
    expected: [
      ":10:26  security.issuers[0].clients[0].certificate: no client is ever asked for its certificate; expected security.listen.tls with a clientCa",
    ],
  },
  {
    name: "one port for two things, by default",
    text: instead("{ port: 8081 }", "{ port: 9082 }"),
    expected: [":6:1  routing.admin.port: port 9082 is the public one already: the admin plane needs its own"],
  },
  {
    name: "tokens in clear text beyond loopback",
    text: instead("host: 127.0.0.1", "host: 0.0.0.0"),
    expected: [
      ":2:3  security.listen: tokens would cross 0.0.0.0 in clear text; expected tls with certificate and key, or a loopback host",
    ],
  },
  {
    name: "a routing tier in clear text beyond loopback",
    text: instead("{ port: 8081 }", "{ host: 10.0.0.7, port: 8081 }"),
    expected: [
      ":7:3  routing.listen: the routing tier would listen on 10.0.0.7, and it speaks clear text. Set tls with certificate, key and clientCa, or listen on 127.0.0.1.",
    ],
  },
  {
    name: "a routing tier that lets in whoever has no certificate",
    text: instead("{ port: 8081 }", "{ port: 8081, tls: { certificate: a.crt, key: a.key } }"),
    expected: [
      ":7:3  routing.listen: the routing tier would listen on every address, and it asks its clients for no certificate. Set tls.clientCa (and leave clientCertificate at required), or listen on 127.0.0.1.",
    ],
  },
  {
    name: "a route without allow",
    text: instead("allow: anyone, ", ""),
    expected: [
      ":12:7  routing.routes[0].allow: missing; expected who may take the route: anyone, authenticated, or { scopes: [a, b] }",
    ],
  },
  {
    name: "a route that promises a token that nobody signs",
    text: instead("service: orders }", "service: orders, identity: { token: { audience: orders } } }"),
    expected: [
      ":12:96  routing.routes[0].identity: nobody signs tokens for services; expected a section routing.serviceTokens",
    ],
  },
  {
    name: "a route that promises a credential that nobody takes along",
    text: instead("service: orders }", "service: orders, identity: credential }"),
    expected: [
      ":12:96  routing.routes[0].identity: the security tier takes no credential along; expected security.assertion.carryCredential: true",
    ],
  },
  {
    name: "a credential that is taken along for nobody",
    text: instead("{ keys: private }", "{ keys: private, carryCredential: true }"),
    expected: [":4:48  security.assertion.carryCredential: no route passes a credential on to its service"],
  },
  {
    name: "service tokens that nobody asks for",
    text: instead("  services:", "  serviceTokens: { issuer: here, keys: private }\n  services:"),
    expected: [":9:3  routing.serviceTokens: no route asks for a token"],
  },
  {
    name: "an identity in a header that has another meaning",
    text: instead("service: orders }", "service: orders, identity: { headers: { content-type: subject } } }"),
    expected: [":12:109  routing.routes[0].identity.headers.content-type: this header has another meaning"],
  },
  {
    name: "a mistyped allow",
    text: instead("allow: anyone", "alow: anyone"),
    expected: [':12:54  routing.routes[0].alow: unknown key; did you mean "allow"?'],
  },
  {
    name: "a route to an unknown service",
    text: alsoRoute('{ name: more, match: { path: "/more" }, allow: anyone, service: order }'),
    expected: [':13:71  routing.routes[1].service: there is no service order; did you mean "orders"?'],
  },
  {
    name: "a route that leads nowhere",
    text: alsoRoute('{ name: more, match: { path: "/more" }, allow: anyone }'),
    expected: [":13:7  routing.routes[1]: the route leads nowhere; expected a service, a split or a redirect"],
  },
  {
    name: "a route that leads to two places",
    text: alsoRoute(
      '{ name: more, match: { path: "/more" }, allow: anyone, service: orders, redirect: { path: "/a" } }',
    ),
    expected: [":13:79  routing.routes[1].redirect: the route has a service already"],
  },
  {
    name: "a redirect that leads to itself",
    text: alsoRoute('{ name: more, match: { path: "/more" }, allow: anyone, redirect: { path: "/more" } }'),
    expected: [":13:80  routing.routes[1].redirect.path: /more leads to itself"],
  },
  {
    name: "a rewriting that asks for what the path does not have",
    text: instead("service: orders }", 'service: orders, rewrite: { path: "/new/{id}" } }'),
    expected: [":12:103  routing.routes[0].rewrite.path: /orders/** has no parameter {id}"],
  },
  {
    name: "an edit of a header that tells of the caller on another route",
    text: instead(
      "service: orders }",
      "service: orders, identity: { headers: { x-shop-user: subject } }, requestHeaders: { remove: [x-shop-user] } }",
    ),
    expected: [
      ":12:162  routing.routes[0].requestHeaders.remove[0]: x-shop-user is a header that only the gateway may set",
    ],
  },
  {
    name: "a split with a service that there is not",
    text: alsoRoute(
      '{ name: more, match: { path: "/more" }, allow: anyone, split: [{ service: orders, weight: 9 }, { service: order, weight: 1 }] }',
    ),
    expected: [':13:113  routing.routes[1].split[1].service: there is no service order; did you mean "orders"?'],
  },
  {
    name: "two routes of one name",
    text: alsoRoute('{ name: orders, match: { path: "/more" }, allow: anyone, service: orders }'),
    expected: [":13:15  routing.routes[1].name: a route is named orders already"],
  },
  {
    name: "a route that no request can reach",
    text: alsoRoute(`{ name: more, ${another}`),
    expected: [":13:36  routing.routes[1].match.path: no request gets here: the route orders takes /orders/** already"],
  },
  {
    name: "a service that no route leads to",
    text: instead("  routes:", '    items: { discovery: static, instances: ["http://127.0.0.1:2"] }\n  routes:'),
    expected: [":11:5  routing.services.items: no route leads to the service items"],
  },
  {
    name: "an unknown key deep down",
    text: instead("port: 8443 }", "port: 8443, limits: { heed: 8KiB } }"),
    expected: [':2:52  security.listen.limits.heed: unknown key; did you mean "head"?'],
  },
  {
    name: "clear text to a routing tier although tls is set",
    text: instead('8081"] }', '8081"], tls: { certificate: a, key: b, ca: c } }'),
    expected: [
      ":5:49  security.routingTier.instances[0]: http://127.0.0.1:8081 would be spoken to in clear text, although tls is set",
    ],
  },
];
for (const { name, text, expected } of faults)
  test(`${name} is told with its place, whoever reads the file`, (t) => assert.deepEqual(told(t, text), expected));

test("a tier asks for its own section", (t) => {
  const [security] = good.split("routing:");
  assert.deepEqual(told(t, security!, loadRouting), [":1:1  routing: missing; expected this section"]);
});

test("a tier is told of its own missing secret, and not of the other's", (t) => {
  const text = instead("{ port: 9081 }", '{ port: 9081, token: "${file:token}" }').replace("keys: private", "keys: .");
  const lines = told(t, text, loadSecurity);
  assert.equal(lines[0], ":3:31  security.admin.token: token does not exist");
  assert.deepEqual(told(t, text), []);
});
