import assert from "node:assert/strict";
import { createServer, request as send, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { Secret } from "@tandem/platform/config/secret";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { type AdminSection, createAdmin } from "./admin.ts";
import { adminSchema } from "./config.ts";
import { createReadiness, type Readiness } from "./readiness.ts";

const token = "a-token-for-the-tests";
const bearer = { authorization: `Bearer ${token}` };

interface Wanted {
  readonly readiness?: Readiness;
  readonly sections?: readonly AdminSection[];
  readonly given?: Record<string, unknown>;
  readonly withToken?: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly json: any;
  readonly text: string;
}

/** Starts an admin plane, and gives what asks it. */
async function admin(
  t: TestContext,
  { readiness = createReadiness({}), sections, given, withToken = true }: Wanted = {},
) {
  const plane = createAdmin({
    config: { ...adminSchema({ port: 0 }).parse(given), ...(withToken && { token: new Secret(token) }) },
    readiness,
    metrics: (_, response) => void response.end("requests_total 1\n"),
    view: () => ({ listen: { port: 8443 } }),
    ...(sections && { sections }),
    requestId: () => "request-1",
    logger: silentLogger,
  });
  const { port } = await plane.listen();
  t.after(() => plane.close());
  return (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = send({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk) => (text += String(chunk)));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: /^[{[]/.test(text) ? JSON.parse(text) : undefined,
          }),
        );
      });
      asked.on("error", reject);
      asked.end();
    });
}

test("health and metrics are for anyone who comes this far", async (t) => {
  const get = await admin(t);
  assert.deepEqual((await get("/healthz")).json, { status: "ok" });
  assert.equal((await get("/metrics")).text, "requests_total 1\n");
  const ready = await get("/readyz");
  assert.deepEqual([ready.status, ready.json], [200, { ready: true, checks: {} }]);
  assert.equal(ready.headers["cache-control"], "no-store");
  assert.equal(ready.headers["x-powered-by"], undefined);
});

test("readiness names what is missing, follows it, and ends with the process", async (t) => {
  let keys: string | undefined = "no public key was loaded yet";
  const readiness = createReadiness({ keys: () => keys, store: () => undefined });
  const get = await admin(t, { readiness });
  const before = await get("/readyz");
  assert.deepEqual([before.status, before.json.checks], [503, { keys: "no public key was loaded yet", store: "ok" }]);
  keys = undefined;
  assert.equal((await get("/readyz")).status, 200);
  readiness.shutDown();
  const after = await get("/readyz");
  assert.deepEqual([after.status, after.json.checks.shutdown], [503, "the process is shutting down"]);
  assert.equal((await get("/healthz")).status, 200);
});

test("a readiness check that throws is one that is not ready", async (t) => {
  const broken = (): string => {
    throw new Error("no connection");
  };
  const { status, json } = await (await admin(t, { readiness: createReadiness({ broken }) }))("/readyz");
  assert.deepEqual([status, json.checks], [503, { broken: "the check failed: no connection" }]);
});

for (const { name, headers } of [
  { name: "no token", headers: {} },
  { name: "another token", headers: { authorization: "Bearer another-token-for-the-" } },
  { name: "the beginning of the token", headers: { authorization: `Bearer ${token.slice(0, -1)}` } },
  { name: "an empty token", headers: { authorization: "Bearer " } },
  { name: "the token in another scheme", headers: { authorization: `Basic ${token}` } },
  { name: "two tokens", headers: { authorization: `Bearer ${token} ${token}` } },
])
  test(`with ${name} what exists, what does not, and other methods look the same`, async (t) => {
    const get = await admin(t, {
      sections: [{ path: "/traces/:id", handler: () => assert.fail("not to be reached") }],
    });
    const answers = [
      await get("/config", headers),
      await get("/traces/1", headers),
      await get("/nothing-here", headers),
      await get("/config", headers, "DELETE"),
      await get("/healthz", headers, "POST"),
    ];
    for (const { status, json, headers: answered } of answers) {
      assert.equal(status, 401);
      assert.deepEqual(json, answers[0]?.json);
      assert.equal(json.type, "urn:tandem:problem:identity.required");
      assert.equal(answered["content-type"], "application/problem+json");
      assert.equal(answered["www-authenticate"], 'Bearer realm="tandem admin"');
    }
  });

test("with the token all is open, and what does not exist is a 404", async (t) => {
  const get = await admin(t, {
    sections: [
      { path: "/traces/:id", handler: (request, response) => void response.json({ id: request.params["id"] }) },
    ],
  });
  assert.deepEqual((await get("/config", bearer)).json, { listen: { port: 8443 } });
  assert.deepEqual((await get("/traces/7", bearer)).json, { id: "7" });
  assert.deepEqual((await get("/config", { authorization: `bearer  ${token}` })).status, 200);
  const unknown = await get("/nothing-here", bearer);
  assert.deepEqual([unknown.status, unknown.json.type], [404, "urn:tandem:problem:route.unknown"]);
});

test("without a token in the configuration nobody gets further than health", async (t) => {
  const get = await admin(t, { withToken: false });
  assert.equal((await get("/healthz")).status, 200);
  for (const headers of [{}, bearer, { authorization: "Bearer undefined" }, { authorization: "Bearer " }])
    assert.equal((await get("/config", headers)).status, 401);
});

test("a section that fails is a 500 that tells nothing", async (t) => {
  const get = await admin(t, { sections: [{ path: "/broken", handler: () => Promise.reject(new Error("hunter2")) }] });
  const { status, text, json } = await get("/broken", bearer);
  assert.deepEqual([status, json.requestId], [500, "request-1"]);
  assert.doesNotMatch(text, /hunter2/);
});

for (const { name, headers, status } of [
  { name: "an address", headers: { host: "127.0.0.1:9081" }, status: 200 },
  { name: "an IPv6 address", headers: { host: "[::1]:9081" }, status: 200 },
  { name: "localhost", headers: { host: "LOCALHOST:9081" }, status: 200 },
  { name: "the name of a container", headers: { host: "security-gateway:9081" }, status: 200 },
  { name: "a listed name", headers: { host: "admin.example.com:9081" }, status: 200 },
  { name: "a name that was rebound to us", headers: { host: "evil.example:9081" }, status: 403 },
  { name: "a name below a listed one", headers: { host: "x.admin.example.com" }, status: 403 },
  { name: "the page itself", headers: { host: "localhost:9081", origin: "http://localhost:9081" }, status: 200 },
  { name: "a page of another site", headers: { host: "localhost:9081", origin: "https://evil.example" }, status: 403 },
  { name: "a page of another port", headers: { host: "localhost:9081", origin: "http://localhost:3000" }, status: 403 },
  { name: "a page without origin", headers: { host: "localhost:9081", origin: "null" }, status: 403 },
  {
    name: "an image in another site",
    headers: { host: "localhost:9081", "sec-fetch-site": "cross-site" },
    status: 403,
  },
  { name: "the address bar", headers: { host: "localhost:9081", "sec-fetch-site": "none" }, status: 200 },
])
  test(`called by ${name}, even with the token: ${status}`, async (t) => {
    const get = await admin(t, { given: { hosts: ["admin.example.com"] } });
    for (const path of ["/metrics", "/config"])
      assert.equal((await get(path, { ...bearer, ...headers })).status, status);
  });

test("a taken port is named", async (t) => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  t.after(() => squatter.close());
  const { port } = squatter.address() as AddressInfo;
  await assert.rejects(admin(t, { given: { port } }), {
    name: "ListenError",
    message: new RegExp(`port ${port} is taken`),
  });
});

test("the section listens on loopback, and knows no other keys", () => {
  const schema = adminSchema({ port: 9081 });
  assert.deepEqual(schema.parse(undefined), { host: "127.0.0.1", port: 9081, hosts: [], beside: [] });
  for (const wrong of [{ tokn: "x" }, { token: "" }, { hosts: ["http://a"] }, { host: "" }])
    assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(wrong));
});

test("a section may be open, or take another method; open ones alone want no token", async (t) => {
  const get = await admin(t, {
    sections: [
      { path: "/public", open: true, handler: (_, response) => void response.json({ for: "everyone" }) },
      { method: "post", path: "/things", handler: (_, response) => void response.status(201).json({ made: true }) },
    ],
  });
  assert.deepEqual((await get("/public")).json, { for: "everyone" });
  assert.equal((await get("/things", {}, "POST")).status, 401);
  assert.equal((await get("/things", bearer, "POST")).status, 201);
  assert.equal((await get("/things", bearer)).status, 404);
  assert.equal((await get("/public", {}, "POST")).status, 401);
});
