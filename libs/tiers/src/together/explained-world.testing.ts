// A rich configuration of both tiers, callers of every kind, and what answers behind them.
import { createHash, createPublicKey } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createTestKey, signToken, type TestKey } from "@tandem/identity/authenticate/testing";
import { createClientKey } from "@tandem/identity/dpop/testing";
import { directoryWith } from "@tandem/platform/testing";
import type { TestContext } from "node:test";
import { keyIn, type Ending } from "../testing.ts";
import { audience, issuer, serve, startBoth, type TestBed } from "./testing.ts";

/** As many requests are under way at a time; each has a service of its own whose turns nobody else takes. */
export const lanes = 6;

const signedIn = { allow: "authenticated" };
const anyone = { allow: "anyone" };

const telling: RequestListener = ({ url }, response) =>
  void response.setHeader("content-type", "application/json").end(JSON.stringify({ url }));

/** Opens a WebSocket for whoever asks, and closes it. */
const greet = ({ headers }: IncomingMessage, socket: Duplex): void => {
  const key = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  const head = `upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}`;
  socket.on("error", () => {}).end(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\n`);
};

const type = (is: string | string[]) => ({ pointer: "/type", is, limit: "512B" });

function routesOf() {
  const shop = { path: "/shop/**" };
  const per = (name: string, more: object) =>
    Array.from({ length: lanes }, (_, lane) => ({
      name: `${name}-${lane}`,
      match: { path: `/${name}/${lane}/**` },
      ...anyone,
      service: `${name}-${lane}`,
      ...more,
    }));
  return [
    ...per("turns", {}),
    ...per("carts", {}),
    { name: "shop", match: shop, ...signedIn, service: "hashed" },
    { name: "shop-mobile", match: { ...shop, audience: "mobile" }, ...signedIn, service: "plain" },
    { name: "shop-partner", match: { ...shop, client: ["partner", "robot"] }, ...signedIn, service: "plain" },
    { name: "shop-host", match: { ...shop, host: "*.shop.test" }, ...anyone, service: "plain" },
    { name: "events", match: { path: "/events" }, ...anyone, service: "plain" },
    { name: "events-order", match: { path: "/events", methods: ["POST", "PUT"], body: type("order") }, ...anyone, service: "hashed" },
    { name: "events-paid", match: { path: "/events", headers: { "x-version": "2" }, body: type(["paid", "order"]) }, ...signedIn, service: "plain" },
    { name: "versions", match: { path: "/v/{id}", headers: { "x-version": { prefix: "2" } } }, ...anyone, service: "plain" },
    { name: "versions-none", match: { path: "/v/{id}", headers: { "x-version": { present: false } }, query: { q: ["1", "a b"] } }, ...anyone, service: "hashed" },
    { name: "reads", match: { path: "/reads/*", methods: ["GET"] }, ...signedIn, service: "plain" },
    { name: "writes", match: { path: "/reads/*", methods: ["POST"] }, allow: { scopes: ["orders:write"] }, service: "plain" },
    { name: "owned", match: { path: "/of/{owner}/**" }, allow: { policies: ["owners"] }, service: "by-caller" },
    { name: "staff", match: { path: "/staff/**" }, allow: { roles: ["clerk"], tenant: "north" }, service: "plain" },
    { name: "needs", match: { path: "/needs/**" }, allow: { scopes: ["orders:read"], policies: ["office"] }, service: "plain" },
    { name: "rewritten", match: { path: "/api/{v}/x/**" }, ...anyone, service: "plain", rewrite: { path: "/in/{v}/**", query: { set: { via: "g" }, remove: ["q"] } } },
    { name: "stripped", match: { path: "/pre/fix/**" }, ...anyone, service: "plain", rewrite: { stripPrefix: "/pre" } },
    { name: "moved", match: { path: "/old/{id}/**" }, ...signedIn, redirect: { path: "/shop/{id}/**", status: 308 } },
    { name: "abroad", match: { path: "/abroad/**" }, ...anyone, redirect: { host: "other.test", scheme: "https", query: "drop" } },
    { name: "canary", match: { path: "/canary" }, ...anyone, split: { by: "client", among: [{ service: "plain", weight: 60 }, { service: "hashed", weight: 40 }, { service: "by-caller", weight: 0, when: { header: { name: "x-beta", value: "yes" } } }] } },
    { name: "lottery", match: { path: "/lottery" }, ...anyone, split: [{ service: "plain", weight: 1 }, { service: "hashed", weight: 2 }] },
    { name: "mirrored", match: { path: "/mirrored/**" }, ...signedIn, service: "plain", mirror: { service: "shadow" }, identity: { headers: { "x-user": "subject" } } },
    { name: "empty", match: { path: "/empty" }, ...signedIn, service: "nobody" },
  ]; // prettier-ignore
}

const policies = [
  {
    name: "owners",
    rules: [
      { name: "own", effect: "allow", when: "request.params.owner == principal.subject" },
      { name: "clerks", effect: "allow", roles: ["clerk"], methods: ["GET"] },
      { name: "frozen", effect: "deny", when: '"x-state" in request.headers && request.headers["x-state"].exists(v, v == "frozen")' },
      { name: "odd", effect: "deny", when: 'request.headers["x-odd"][0] == "1"' },
    ],
  },
  {
    name: "office",
    rules: [
      { name: "north", effect: "allow", tenant: "north" },
      { name: "robots", effect: "allow", principals: ["client:partner"] },
      { name: "nobody", effect: "deny", principals: ["anonymous"] },
    ],
  },
  { name: "later", mode: "shadow", routes: ["shop*", "needs"], rules: [{ name: "south", effect: "deny", tenant: "south" }] },
]; // prettier-ignore

/** Both tiers with all that, and what callers show. */
export interface World {
  readonly bed: TestBed;
  /** As a request shows them; `nobody` shows nothing. */
  readonly callers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bound: { readonly token: string; readonly key: ReturnType<typeof createClientKey> };
}

const hash = (of: unknown) => ({ balance: { by: "hash", of, maxLoad: 100 } });

/** Starts it. */
export async function startWorld(t: TestContext): Promise<World> {
  const ending: Ending = t;
  const origins = await Promise.all(Array.from({ length: 4 }, () => serve(ending, telling, greet)));
  const at = (count: number, more: object = {}) => ({
    discovery: "static",
    instances: origins.slice(0, count),
    ...more,
  });
  const perLane = (name: string, more: (lane: number) => object) =>
    Object.fromEntries(Array.from({ length: lanes }, (_, lane) => [`${name}-${lane}`, at(3, more(lane))]));
  const services = {
    ...perLane("turns", () => ({})),
    ...perLane("carts", (lane) => ({ sticky: { cookie: `at-${lane}` } })),
    plain: at(1),
    hashed: at(4, hash({ header: "x-cart" })),
    "by-caller": at(3, hash("principal")),
    shadow: at(1),
  };
  const file = join(directoryWith(t, { "keys.yaml": "keys: []\n" }), "keys.yaml");
  writeFileSync(file, "keys: []\n");
  const bed = await startBoth(ending, telling, {
    apiKeys: { file },
    routing: { services, routes: routesOf(), policies },
  });
  const made = await bed.security.admin("/api-keys", {
    method: "POST",
    body: JSON.stringify({ name: "a test", owner: "robot", scopes: ["orders:read", "orders:write"], tenant: "north" }),
  });
  const { secret } = (await made.json()) as { secret: string };
  const { kid, privateKey, publicKey: verification } = keyIn(join(bed.folder, "token-keys"), "RS256");
  const own: TestKey = { kid, algorithm: "RS256", privateKey, publicKey: createPublicKey(privateKey), verification };
  const now = Math.floor(Date.now() / 1000);
  const sound = { iss: issuer, aud: audience, sub: "ann", iat: now, exp: now + 3600 };
  const token = (claims: object, key = own) => signToken(key, { ...sound, ...claims }, { typ: "at+jwt" });
  const bearer = (claims: object, key = own) => ({ authorization: `Bearer ${token(claims, key)}` });
  const key = createClientKey();
  const good = bearer({ scope: "orders:read orders:write", roles: ["clerk"], tenant: "north" });
  return {
    bed,
    bound: { key, token: token({ sub: "ann", cnf: { jkt: key.thumbprint } }) },
    callers: {
      nobody: {},
      good,
      ann: bearer({}),
      bob: bearer({ sub: "bob", tenant: "south", scope: "orders:read" }),
      phone: bearer({ aud: [audience, "mobile"] }),
      partner: bearer({ client_id: "partner", scope: "orders:read" }),
      key: { "x-api-key": secret },
      expired: bearer({ iat: now - 7200, exp: now - 3600 }),
      stranger: bearer({}, { ...createTestKey("RS256", kid), kid }),
      unknown: bearer({ iss: "https://else.test" }),
      unbound: { authorization: `Bearer ${token({ cnf: { jkt: key.thumbprint } })}` },
      garbage: { authorization: "Bearer not-a-token" },
      basic: { authorization: "Basic YTpi" },
      wrong: { "x-api-key": "tdk_nonsense" },
      both: { ...good, "x-api-key": secret },
    },
  };
}
