// Which service gets a request, and whether its caller may: told in one file, asked of both tiers as they run.
import assert from "node:assert/strict";
import { createHash, createPublicKey } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";
import { request as requestHttps } from "node:https";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { after, test } from "node:test";
import { signToken, type TestKey } from "@tandem/identity/authenticate/testing";
import { until } from "@tandem/platform/testing";
import { ask, audience, issuer, protocols, serve, startBoth, type Asked } from "./testing.ts";
import { keyIn } from "../testing.ts";

const ending = { after };
const copies: (string | undefined)[] = [];

/** Tells who it is and what it was asked; whatever is below `/stuck` it leaves unanswered. */
const telling =
  (name: string): RequestListener =>
  ({ url, headers }, response) => {
    if (name === "shadow") copies.push(url);
    if (url?.startsWith("/stuck")) return;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ name, url, headers }));
  };

/** Says hello to whoever opens a WebSocket. */
const greet = ({ headers }: IncomingMessage, socket: Duplex): void => {
  const key = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket
    .on("error", () => {})
    .write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
  socket.write(Buffer.concat([Buffer.from([0x81, 5]), Buffer.from("hello")]));
};

const at = async (...names: string[]) => ({
  discovery: "static",
  instances: await Promise.all(names.map((name) => serve(ending, telling(name), greet))),
});
const signedIn = { allow: "authenticated" };
const shop = { path: "/shop/**" };

const bed = await startBoth(ending, telling("open"), {
  routing: {
    services: {
      shop: await at("shop"),
      mobile: await at("mobile"),
      partner: await at("partner"),
      next: await at("next"),
      shadow: await at("shadow"),
      carts: { ...(await at("first", "second")), sticky: { cookie: "cart-at" } },
      patient: { ...(await at("patient")), totalTimeout: "30s" },
      hurried: { ...(await at("hurried")), totalTimeout: "200ms" },
    },
    policies: [
      {
        name: "owners",
        rules: [
          { name: "own", effect: "allow", when: "request.params.owner == principal.subject" },
          {
            name: "frozen",
            effect: "deny",
            when: '"x-state" in request.headers && request.headers["x-state"].exists(v, v == "frozen")',
          },
        ],
      },
      {
        name: "phones-only",
        mode: "shadow",
        routes: ["watched"],
        rules: [{ name: "others", effect: "deny", when: '!("mobile" in principal.audiences)' }],
      },
    ],
    routes: [
      { name: "shop", match: shop, ...signedIn, service: "shop" },
      { name: "shop-mobile", match: { ...shop, audience: "mobile" }, ...signedIn, service: "mobile" },
      { name: "shop-partner", match: { ...shop, client: "partner" }, ...signedIn, service: "partner" },
      { name: "owned", match: { path: "/of/{owner}/**" }, allow: { policies: ["owners"] }, service: "shop" },
      { name: "watched", match: { path: "/watched" }, ...signedIn, service: "shop" },
      {
        name: "canary",
        match: { path: "/canary" },
        allow: "anyone",
        split: [
          { service: "shop", weight: 1 },
          { service: "next", weight: 0, when: { header: { name: "x-canary", value: "yes" } } },
        ],
      },
      { name: "carts", match: { path: "/carts" }, allow: "anyone", service: "carts" },
      { name: "mirrored", match: { path: "/mirrored" }, ...signedIn, service: "shop", mirror: { service: "shadow" } },
      { name: "patient", match: { path: "/patient" }, allow: "anyone", service: "patient" },
      { name: "hurried", match: { path: "/stuck" }, allow: "anyone", service: "hurried" },
      {
        name: "moved",
        match: { path: "/old/{id}/**" },
        ...signedIn,
        redirect: { path: "/shop/{id}/**", status: 308 },
      },
    ],
  },
});

const signing = keyIn(join(bed.folder, "token-keys"), "RS256");
const { kid, privateKey, publicKey: verification } = signing;
const own: TestKey = { kid, algorithm: "RS256", privateKey, publicKey: createPublicKey(privateKey), verification };
const now = Math.floor(Date.now() / 1000);
const bearer = (claims: object) => {
  const sound = { iss: issuer, aud: audience, sub: "ann", iat: now, exp: now + 600 };
  return { authorization: `Bearer ${signToken(own, { ...sound, ...claims }, { typ: "at+jwt" })}` };
};
const ann = bearer({});
const phone = bearer({ aud: [audience, "mobile"] });
const partner = bearer({ client_id: "partner" });

interface Case {
  readonly name: string;
  readonly asked: Asked;
  /** Default: 200. */
  readonly status?: number;
  /** Who answered, and which of its paths it was asked for; or the problem that the client was told. */
  readonly says: string;
}

const cases: Case[] = [
  { name: "an ordinary token leads to the shop", asked: { path: "/shop/a", headers: ann }, says: "shop /shop/a" },
  { name: "a token for phones has an endpoint of its own", asked: { path: "/shop/a", headers: phone }, says: "mobile /shop/a" },
  { name: "a client has an endpoint of its own", asked: { path: "/shop/a", headers: partner }, says: "partner /shop/a" },
  { name: "nobody gets to none of them", asked: { path: "/shop/a" }, status: 401, says: "identity.required" },
  { name: "a policy lets owners through", asked: { path: "/of/ann/7", headers: ann }, says: "shop /of/ann/7" },
  { name: "a policy keeps others out", asked: { path: "/of/bob/7", headers: ann }, status: 403, says: "access.denied policies" },
  { name: "a policy looks at the only line of a header", asked: { path: "/of/ann/7", headers: { ...ann, "x-state": "frozen" } }, status: 403, says: "access.denied owners/frozen" },
  { name: "a policy looks at every line of a header", asked: { path: "/of/ann/7", headers: { ...ann, "x-state": ["thawed", "frozen"] } }, status: 403, says: "access.denied owners/frozen" },
  { name: "several lines of which none is meant do not harm", asked: { path: "/of/ann/7", headers: { ...ann, "x-state": ["thawed", "warm"] } }, says: "shop /of/ann/7" },
  { name: "ordinary requests do not get to the canary", asked: { path: "/canary" }, says: "shop /canary" },
  { name: "a header leads to the canary", asked: { path: "/canary", headers: { "x-canary": "yes" } }, says: "next /canary" },
  { name: "a deadline ends what hangs", asked: { path: "/stuck" }, status: 504, says: "upstream.timeout" },
  { name: "what moved is told to those who may", asked: { path: "/old/7/b?c=1", headers: ann }, status: 308, says: "/shop/7/b?c=1" },
  { name: "and to nobody else", asked: { path: "/old/7/b" }, status: 401, says: "identity.required" },
]; // prettier-ignore

for (const protocol of protocols) {
  const line = { port: bed.security.port, protocol, tls: bed.tls() };

  for (const { name, asked, status = 200, says } of cases)
    test(`over ${protocol} ${name}: ${status} ${says}`, async () => {
      const { json, headers, ...told } = await ask(line, asked);
      const problem = [json?.type?.replace("urn:tandem:problem:", ""), json?.rule].filter(Boolean).join(" ");
      const heard = headers["location"] ?? (json?.name ? `${json.name} ${json.url}` : problem);
      assert.deepEqual([told.status, heard], [status, says]);
    });

  test(`over ${protocol} a policy in shadow lets through, and log, metrics and trace say what it would have done`, async () => {
    const counted = async (): Promise<number> => {
      const text = await (await bed.routing.admin("/metrics")).text();
      const sum = /^tandem_shadow_decisions_total\{[^}]*policy="phones-only",rule="others",effect="deny"[^}]*\} (\d+)/m;
      return Number(sum.exec(text)?.[1] ?? 0);
    };
    const before = await counted();
    assert.equal((await ask(line, { path: "/watched", headers: phone })).json.name, "shop");
    assert.equal(await counted(), before);
    const { json, headers } = await ask(line, { path: "/watched", headers: ann });
    assert.equal(json.name, "shop");
    const id = String(headers["x-request-id"]);
    const { "tandem.shadows": shadows } = await bed.routing.lineOf(id);
    assert.deepEqual(shadows, [{ policy: "phones-only", rule: "others", effect: "deny" }]);
    assert.equal(await counted(), before + 1);
    assert.match(await (await bed.routing.admin(`/traces/${id}`)).text(), /"tandem.shadow":"deny phones-only\/others"/);
  });

  test(`over ${protocol} a session stays where it began`, async () => {
    const first = await ask(line, { path: "/carts" });
    const [cookie = ""] = String(first.headers["set-cookie"]).split(";");
    assert.match(cookie, /^cart-at=./);
    for (let turn = 0; turn < 4; turn++) {
      const { json, headers } = await ask(line, { path: "/carts", headers: { cookie: `a=1; ${cookie}` } });
      assert.deepEqual([json.name, json.headers.cookie, headers["set-cookie"]], [first.json.name, "a=1", undefined]);
    }
    const others = async () => (await ask(line, { path: "/carts" })).json.name !== first.json.name;
    await until("another session begins elsewhere", others);
  });

  test(`over ${protocol} a mirror is asked the same, and answers nobody`, async () => {
    const before = copies.length;
    const { json } = await ask(line, { path: `/mirrored?by=${protocol}`, headers: ann });
    assert.equal(json.name, "shop");
    await until("the mirror was asked", () => copies.length > before);
    assert.deepEqual(copies.slice(before), [`/mirrored?by=${protocol}`]);
  });

  test(`over ${protocol} a service is told how much time is left`, async () => {
    const { json } = await ask(line, { path: "/patient", headers: { "tandem-timeout-ms": "1" } });
    const left = Number(json.headers["tandem-timeout-ms"]);
    assert.ok(left > 1 && left <= 30_000, String(left));
  });
}

/** Asks for a WebSocket; gives the status, and the first message where it was opened. */
async function open(path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const upgrade = { connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const options = { ...bed.tls(), host: "127.0.0.1", port: bed.security.port, path, agent: false };
  const asking = requestHttps({
    ...options,
    headers: { host: "localhost", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", ...upgrade, ...headers },
  });
  ending.after(() => asking.destroy());
  asking.end();
  return new Promise((resolve, reject) => {
    asking.on("error", reject).on("response", ({ statusCode }) => resolve(String(statusCode)));
    asking.on("upgrade", ({ statusCode }, socket, head) => {
      let bytes = head;
      const read = (more: Buffer): void => {
        bytes = Buffer.concat([bytes, more]);
        // Two bytes of a frame's head, and its text.
        if (bytes.length === 7) resolve(`${statusCode} ${String(bytes.subarray(2))}`);
      };
      socket.on("error", reject).on("data", read);
      read(Buffer.alloc(0));
    });
  });
}

const sockets: { name: string; path: string; headers: Readonly<Record<string, string>>; says: string }[] = [
  { name: "is opened for its owner", path: "/of/ann/live", headers: ann, says: "101 hello" },
  { name: "is not opened for others", path: "/of/bob/live", headers: ann, says: "403" },
  { name: "is not opened for nobody", path: "/of/ann/live", headers: {}, says: "401" },
  {
    name: "is not opened where a deny rule matches",
    path: "/of/ann/live",
    headers: { ...ann, "x-state": "frozen" },
    says: "403",
  },
];
for (const { name, path, headers, says } of sockets)
  test(`a WebSocket under a policy ${name}: ${says}`, async () => {
    assert.equal(await open(path, headers), says);
  });
