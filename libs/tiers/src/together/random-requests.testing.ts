// Requests that clients could send, sane and otherwise; the same for the same seed.
import { proofFor } from "@tandem/identity/dpop/testing";
import type { Drawing } from "@tandem/platform/drawing.testing";
import type { World } from "./explained-world.testing.ts";

/** A request as it goes on the wire. */
export interface RandomRequest {
  readonly protocol: "1.1" | "2";
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  /** Absent: none is named. */
  readonly host: string | undefined;
  readonly headers: [string, string][];
  readonly body: string | undefined;
  readonly upgrade: boolean;
  /** What it shows, for whoever reads of a failure. */
  readonly caller: string;
}

const paths = `
  /shop/a /shop /shop/a/b /events /events /events /v/7 /v/8 /reads/7
  /of/ann/x /of/bob/7/8 /staff/x /needs/y /api/1/x/a/b /api/2/x /pre/fix/a /old/7/b /abroad/x
  /canary /lottery /mirrored/1 /empty /nowhere / /orders/1 /items /oauth/token
  /.well-known/jwks.json /nobody/1
`
  .trim()
  .split(/\s+/);

/** Callers whom the security tier knows, or who say nothing. */
const sound = ["nobody", "good", "ann", "bob", "phone", "partner", "key"];

/** What is done to a path that was sane. */
const twists: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => path.replace("a", "%61"),
  (path) => path.replace("/", "//"),
  (path) => `${path}/../x`,
  (path) => `/x/..${path}`,
  (path) => `/./${path.slice(1)}`,
  (path) => `${path}/%2e%2e/y`,
  (path) => `${path}%2Fz`,
  (path) => `${path}%zz`,
  (path) => `${path};p=1`,
  (path) => `${path}/%00`,
  (path) => `${path}/caf%C3%A9%20~`,
  (path) => `${path}/%c3%28`,
  (path) => `${path}\\x`,
  (path) => path.toUpperCase(),
  (path) => `${path}/${"x".repeat(300)}`,
];

const methods = [
  ...Array.from({ length: 8 }, () => "GET"),
  "POST",
  "POST",
  "POST",
  "PUT",
  "HEAD",
  "HEAD",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "TRACE",
];
const queries = ["", "", "", "?q=1", "?q=a+b", "?q=a%20b", "?q=2&q=1", "?via=x&q=1&z", "?", "?%zz", "?a=%00"];
const hosts = [
  "localhost:8443",
  "localhost",
  "LOCALHOST.",
  "a.shop.test",
  "shop.test",
  "10.0.0.1:1",
  "a..b",
  "a_b.test",
];
const plain = {
  "x-version": ["1", "2", "20"],
  "x-cart": ["1", "2", "3", "4", "5"],
  "x-state": ["frozen", "thawed"],
  "x-odd": ["1", "2"],
  "x-beta": ["yes", "no"],
};
const odd: readonly (readonly [string, string])[] = [
  ["tandem-assertion", "forged"],
  ["tandem-client", 'address="10.0.0.1", scheme=https'],
  ["X-Forwarded-For", "10.0.0.9"],
  ["X_Version", "2"],
  ["x-user", "root"],
  ["content-type", "text/plain"],
  ["expect", "something"],
  ["te", "trailers"],
  ["cookie", "a=1; b=2"],
  ["referer", "caf\u00e9"],
];
const types = [
  "application/json",
  "application/json",
  "application/json; charset=utf-8",
  "text/plain",
  "application/vnd.x+json",
];
const bodies = [
  '{"type":"order"}',
  '{"type":"paid"}',
  '{"type":"else"}',
  '{"type":"order","type":"paid"}',
  "{",
  "[]",
  '{"type":null}',
];

/** Who sends it. */
interface Sender {
  /** Whose own service it may be for. */
  readonly lane: number;
  /** The cookies that it was given. */
  readonly sessions?: readonly string[];
}

/** Draws one. */
export function drawRequest(draw: Drawing, world: World, { lane, sessions = [] }: Sender): RandomRequest {
  const own = draw.one([undefined, undefined, undefined, `/turns/${lane}/x`, `/carts/${lane}/x`]);
  let path = own ?? draw.one(paths);
  if (draw.chance(0.12)) path = draw.one(twists)(path);
  const target = path + draw.one(queries);
  const protocol = draw.chance(0.3) ? "2" : "1.1";
  const upgrade = protocol === "1.1" && draw.chance(0.06);
  const method = upgrade && draw.chance(0.9) ? "GET" : draw.one(methods);
  const host = draw.chance(0.8) ? "localhost:8443" : draw.chance(0.03) ? undefined : draw.one(hosts);
  const headers: [string, string][] = [];
  for (const [name, values] of Object.entries(plain)) if (draw.chance(0.25)) headers.push([name, draw.one(values)]);
  if (draw.chance(0.1)) headers.push(["x-version", "2"]);
  if (draw.chance(0.1)) headers.push([...draw.one(odd)]);
  if (own?.startsWith("/carts") && sessions.length > 0 && draw.chance(0.6))
    headers.push(["cookie", `x=1; ${draw.one(sessions)}`]);
  const caller = draw.chance(0.1) ? "bound" : draw.one(draw.chance(0.7) ? sound : Object.keys(world.callers));
  if (caller === "bound") headers.push(...proving(draw, world, { method, url: `https://localhost:8443${path}` }));
  else headers.push(...Object.entries(world.callers[caller] ?? {}));
  const body =
    !upgrade && method !== "TRACE" && draw.chance(method === "POST" || method === "PUT" ? 0.8 : 0.05)
      ? draw.one([...bodies, "x".repeat(600), "x".repeat(1500)])
      : undefined;
  if (body !== undefined) {
    if (!headers.some(([name]) => name === "content-type")) headers.push(["content-type", draw.one(types)]);
    // Beyond what is let in, a body of undeclared length is found out only after it was answered, or before: by chance.
    if (protocol === "1.1" && body.length < 1024 && draw.chance(0.3)) headers.push(["transfer-encoding", "chunked"]);
    else headers.push(["content-length", String(body.length)]);
  }
  if (upgrade) headers.push(...handshake(draw));
  return { protocol, method, target, host, headers, body, upgrade, caller };
}

/** A token that is bound to a key, and a proof for this request or for another. */
function proving(
  draw: Drawing,
  { bound: { key, token } }: World,
  asked: { method: string; url: string },
): [string, string][] {
  const authorization: [string, string] = ["authorization", `DPoP ${token}`];
  const url = draw.chance(0.85) ? asked.url.replace(/[?#].*$/, "") : "https://localhost:8443/else";
  return draw.chance(0.1) ? [authorization] : [authorization, ["dpop", proofFor(key, { ...asked, url, token })]];
}

function handshake(draw: Drawing): [string, string][] {
  const sound: [string, string][] = [
    ["connection", "Upgrade"],
    ["upgrade", "websocket"],
    ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ["sec-websocket-version", "13"],
  ];
  if (draw.chance(0.85)) return sound;
  const broken = draw.below(4);
  return sound.map(([name, value], index): [string, string] => [name, index === broken && index > 0 ? "x" : value]);
}

/** What an operator asks about it. */
export const questionOf = ({ protocol, method, target, host = "", headers, body }: RandomRequest) => ({
  method,
  url: `https://${protocol === "2" && host === "" ? "localhost" : host}${target}`,
  protocol,
  headers,
  ...(body !== undefined && { body }),
});
