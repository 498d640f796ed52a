// What routes make of requests between the decision and the service, from the file to the wire.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { signAssertion } from "@tandem/identity/assertion/testing";
import { ask, until } from "@tandem/platform/testing";
import { routingProcess } from "./routing-process.ts";
import { keyIn, keysFolder, startTier } from "./testing.ts";

const ending = { after };
const folder = await keysFolder(ending);

/** A service that tells who it is and what it was asked. */
async function service(name: string) {
  const asked: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push({ url, headers });
    response.setHeader("content-type", "application/json").setHeader("server", "old");
    response.end(JSON.stringify({ name, url, headers }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  ending.after(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { asked, options: { discovery: "static", instances: [`http://127.0.0.1:${port}`] } };
}

const [stable, next, shadow] = [await service("stable"), await service("next"), await service("shadow")];
const signedIn = { allow: { scopes: ["a"] } };
const tier = await startTier(ending, routingProcess, {
  folder,
  section: {
    listen: { host: "127.0.0.1", port: 0 },
    assertion: { keys: "public-keys" },
    services: { stable: stable.options, next: next.options, shadow: shadow.options },
    routes: [
      {
        name: "rewritten",
        match: { path: ["/api/{id}/**", "/v1/{group}/{id}/**"] },
        ...signedIn,
        service: "stable",
        identity: { headers: { "x-shop-user": "subject" } },
        rewrite: { path: "/orders/{id}/**", host: "orders.internal", query: { remove: ["debug"] } },
        requestHeaders: { set: { "x-channel": "web" } },
        responseHeaders: { remove: ["server"] },
        mirror: { service: "shadow" },
      },
      {
        name: "moved",
        match: { path: "/moved/**" },
        ...signedIn,
        redirect: { host: "b.test", path: "/**", status: 308 },
      },
      {
        name: "shared",
        match: { path: "/shared" },
        ...signedIn,
        split: [
          { service: "stable", weight: 1 },
          { service: "next", weight: 0, when: { header: { name: "x-canary", value: "yes" } } },
        ],
      },
    ],
  },
});

const assertion = signAssertion(keyIn(join(folder, "assertion-keys"), "EdDSA"), Math.floor(Date.now() / 1000));
const asking = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  ask(tier.port, path, { headers: { "tandem-assertion": assertion, ...headers } });

test("a route rewrites what its service is asked, and copies it to its mirror", async () => {
  const { json, headers } = await asking("/v1/g/7/a?x=1&debug=1", { "x-shop-user": "forged" });
  assert.deepEqual([json.name, json.url], ["stable", "/orders/7/a?x=1"]);
  const told: IncomingHttpHeaders = json.headers;
  assert.deepEqual([told.host, told["x-channel"], told["x-shop-user"]], ["orders.internal", "web", "me"]);
  assert.equal(headers["server"], undefined);
  await until("the mirror was asked", () => shadow.asked.length === 1);
  const [copy] = shadow.asked;
  assert.deepEqual([copy?.url, copy?.headers["tandem-mirror"]], ["/orders/7/a?x=1", "rewritten"]);
  assert.equal(copy?.headers["tandem-assertion"], undefined);
  await until("the admin plane tells of it", async () => {
    const [view] = (await (await tier.admin("/mirrors")).json()) as { answered: number; route: string }[];
    return view?.route === "rewritten" && view.answered === 1;
  });
  const { "tandem.attempts": attempts } = await tier.lineOf(String(headers["x-request-id"]));
  assert.equal(attempts.length, 1);
});

test("a route leads its callers elsewhere, and nobody else", async () => {
  const { status, headers } = await asking("/moved/a/b?c=1");
  assert.deepEqual([status, headers["location"]], [308, "http://b.test/a/b?c=1"]);
  const stranger = signAssertion(keyIn(join(folder, "assertion-keys"), "EdDSA"), Math.floor(Date.now() / 1000), {
    claims: { jti: "other", scopes: [] },
  });
  const refused = await asking("/moved/a", { "tandem-assertion": stranger });
  assert.deepEqual([refused.status, refused.headers["location"]], [403, undefined]);
});

test("a route is shared out, and the log says who was asked", async () => {
  assert.equal((await asking("/shared")).json.name, "stable");
  const { json, headers } = await asking("/shared", { "x-canary": "yes" });
  assert.equal(json.name, "next");
  const { "tandem.attempts": attempts } = await tier.lineOf(String(headers["x-request-id"]));
  assert.equal(attempts[0].target, "next");
});
