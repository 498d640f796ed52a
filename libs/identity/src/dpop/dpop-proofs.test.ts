import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import { ask, dial, listening, serverMaterial, session } from "@tandem/kernel/listener/testing";
import { answer } from "@tandem/kernel/testing";
import { createClientKey, judging, proofFor, tokenBoundTo } from "./testing.ts";

type Lines = readonly (readonly [name: string, value: string])[];

interface Told {
  readonly status: number;
  readonly json: any;
  readonly challenge: string;
  readonly nonce: string | undefined;
}

interface World {
  readonly http1: (lines: Lines, path?: string) => Promise<Told>;
  readonly http2: (lines: Lines, path?: string) => Promise<Told>;
}

const host = "gateway.test:8443";
const url = `https://${host}/orders`;

/** A gateway behind a real listener, and a way to ask it over either protocol. */
async function gateway(t: TestContext, options: object = {}): Promise<World> {
  const { port } = await listening(t, { stages: [...judging({ options }).stages, answer], tls: serverMaterial });
  const http1: World["http1"] = async (lines, path = "/orders") => {
    const line = dial(t, port, {});
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    line.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${head}\r\n`);
    const text = await line.ended;
    const field = (name: string) => new RegExp(`^${name}: (.*?)\r$`, "im").exec(text)?.[1];
    return {
      status: Number(text.slice(9, 12)),
      json: JSON.parse(text.slice(text.indexOf("{"))),
      challenge: field("www-authenticate") ?? "",
      nonce: field("dpop-nonce"),
    };
  };
  const client = session(t, port);
  const http2: World["http2"] = async (lines, path = "/orders") => {
    const headers: Record<string, string | string[]> = { ":path": path, ":authority": host };
    for (const [name, value] of lines) headers[name] = [...[headers[name] ?? []].flat(), value];
    const { status, json, fields } = await ask(client, headers);
    const nonce = fields["dpop-nonce"];
    return {
      status,
      json,
      challenge: String(fields["www-authenticate"] ?? ""),
      nonce: nonce === undefined ? undefined : String(nonce),
    };
  };
  return { http1, http2 };
}

const key = createClientKey();
const other = createClientKey();
const token = tokenBoundTo({ jkt: key.thumbprint });
const unbound = tokenBoundTo(undefined);
const seconds = () => Math.floor(Date.now() / 1000);
const shown = (given: string, proof: string, scheme = "DPoP"): Lines => [
  ["authorization", `${scheme} ${given}`],
  ["dpop", proof],
];
const right = { url, token };
const withClaims = (claims: object): Lines => shown(token, proofFor(key, right, { claims }));
const forUrl = (htu: string): Lines => shown(token, proofFor(key, { url: htu, token }));

const good: { name: string; path?: string; lines: () => Lines }[] = [
  { name: "a proof for the request", lines: () => shown(token, proofFor(key, right)) },
  { name: "the scheme in another case", lines: () => shown(token, proofFor(key, right), "dpop") },
  {
    name: "a proof by another kind of key",
    lines: () => {
      const ed = createClientKey("EdDSA");
      const bound = tokenBoundTo({ jkt: ed.thumbprint });
      return shown(bound, proofFor(ed, { url, token: bound }));
    },
  },
  { name: "a query, which does not count", path: "/orders?a=1", lines: () => forUrl(`${url}?b=2#c`) },
  {
    name: "another spelling of the same resource",
    path: "/ord%65rs",
    lines: () => forUrl("HTTPS://Gateway.TEST.:8443/%6Frders"),
  },
  { name: "an age within the window", lines: () => withClaims({ iat: seconds() - 50 }) },
  { name: "a clock that is a little ahead", lines: () => withClaims({ iat: seconds() + 3 }) },
  { name: "a nonce that nobody asked for", lines: () => withClaims({ nonce: "x" }) },
  { name: "no binding, and a proof that nobody asked for", lines: () => shown(unbound, "rubbish", "Bearer") },
];
for (const { name, path, lines } of good)
  test(`${name} is accepted over both protocols`, async (t) => {
    const { http1, http2 } = await gateway(t);
    for (const send of [http1, http2]) {
      const { status, json } = await send(lines(), path);
      assert.equal(status, 200, JSON.stringify(json));
      assert.equal(json.principal.subject, "me");
    }
  });

const invalidProof = /^DPoP realm="tandem", error="invalid_dpop_proof", .*algs="RS256 .*ES256.*EdDSA"$/;
const invalidToken = /^DPoP realm="tandem", error="invalid_token", .*algs="/;
const bad: { name: string; lines: () => Lines; code: string; says: RegExp; challenge?: RegExp }[] = [
  { name: "no proof", lines: () => [["authorization", `DPoP ${token}`]], code: "token.proof", says: /none/ },
  {
    name: "two proofs",
    lines: () => [...shown(token, proofFor(key, right)), ["dpop", proofFor(key, right)]],
    code: "token.proof",
    says: /several/,
  },
  { name: "rubbish for a proof", lines: () => shown(token, "rubbish"), code: "token.proof", says: /three parts/ },
  { name: "the token for a proof", lines: () => shown(token, token), code: "token.proof", says: /marked/ },
  { name: "another method", lines: () => withClaims({ htm: "POST" }), code: "token.proof", says: /method/ },
  { name: "the method in another case", lines: () => withClaims({ htm: "get" }), code: "token.proof", says: /method/ },
  ...[
    `https://${host}/orders/`,
    `https://${host}/Orders`,
    `https://${host}/orders/../orders`,
    `https://${host}/x/%2e%2e/orders`,
    `https://${host}//orders`,
    `https://${host}/`,
    "https://gateway.test/orders",
    "https://gateway.test:8443@evil.test/orders",
    "https://evil.test/orders?https://gateway.test:8443/orders",
    "https://gateway.test:8443.evil.test/orders",
    `http://${host}/orders`,
    `wss://${host}/orders`,
    "/orders",
    "",
  ].map((htu) => ({
    name: `the resource "${htu}"`,
    lines: () => forUrl(htu),
    code: "token.proof",
    says: /another resource/,
  })),
  { name: "an old proof", lines: () => withClaims({ iat: seconds() - 62 }), code: "token.proof", says: /too old/ },
  {
    name: "a proof of the future",
    lines: () => withClaims({ iat: seconds() + 9 }),
    code: "token.proof",
    says: /future/,
  },
  {
    name: "a proof in milliseconds",
    lines: () => withClaims({ iat: Date.now() }),
    code: "token.proof",
    says: /future/,
  },
  { name: "no ath", lines: () => withClaims({ ath: undefined }), code: "token.proof", says: /another token/ },
  {
    name: "the ath of another token",
    lines: () => shown(token, proofFor(key, { url, token: unbound })),
    code: "token.proof",
    says: /another token/,
  },
  {
    name: "another key, which signs for itself",
    lines: () => shown(token, proofFor(other, right)),
    code: "token.binding",
    says: /another key/,
    challenge: invalidToken,
  },
  {
    name: "a token that is bound to no key",
    lines: () => shown(unbound, proofFor(key, { url, token: unbound })),
    code: "token.binding",
    says: /no key/,
    challenge: invalidToken,
  },
  {
    name: "a bound token as a bearer token",
    lines: () => shown(token, proofFor(key, right), "Bearer"),
    code: "token.binding",
    says: /not shown/,
    challenge: invalidToken,
  },
  {
    name: "a bound token as a bearer token, without a proof",
    lines: () => [["authorization", `Bearer ${token}`]],
    code: "token.binding",
    says: /not shown/,
    challenge: invalidToken,
  },
  {
    name: "a token that has expired",
    lines: () => {
      const late = tokenBoundTo({ jkt: key.thumbprint }, { exp: seconds() - 100 });
      return shown(late, proofFor(key, { url, token: late }));
    },
    code: "token.expired",
    says: /^$/,
    challenge: invalidToken,
  },
  {
    name: "a token that is none",
    lines: () => shown("x.y.z", proofFor(key, { url, token: "x.y.z" })),
    code: "token.malformed",
    says: /./,
    challenge: invalidToken,
  },
  {
    name: "a token that is bound to a certificate too",
    lines: () => {
      const twice = tokenBoundTo({ jkt: key.thumbprint, "x5t#S256": key.thumbprint });
      return shown(twice, proofFor(key, { url, token: twice }));
    },
    code: "token.binding",
    says: /certificate/,
    challenge: invalidToken,
  },
];
for (const { name, lines, code, says, challenge = invalidProof } of bad)
  test(`${name} is refused over both protocols`, async (t) => {
    const { http1, http2 } = await gateway(t);
    for (const send of [http1, http2]) {
      const told = await send(lines());
      assert.deepEqual([told.status, told.json.type], [401, `urn:tandem:problem:${code}`], JSON.stringify(told.json));
      assert.match(told.json.detail ?? "", says);
      assert.match(told.challenge, challenge);
      assert.doesNotMatch(JSON.stringify(told), /eyJ|evil/);
    }
  });

test("two credentials are two, whatever their scheme", async (t) => {
  const { http1, http2 } = await gateway(t);
  const proof = proofFor(key, right);
  for (const send of [http1, http2]) {
    const { json } = await send([
      ["authorization", `DPoP ${token}`],
      ["x-api-key", "k"],
      ["dpop", proof],
    ]);
    assert.equal(json.type, "urn:tandem:problem:credentials.multiple");
  }
  const { json } = await http1([
    ["authorization", `DPoP ${token}, Bearer ${unbound}`],
    ["dpop", proof],
  ]);
  assert.equal(json.type, "urn:tandem:problem:credentials.multiple");
});

test("a proof is good once, over whichever protocol it comes again; another client may call its own the same", async (t) => {
  const { http1, http2 } = await gateway(t);
  const id = { claims: { jti: randomUUID() } };
  const proof = proofFor(key, right, id);
  assert.equal((await http1(shown(token, proof))).status, 200);
  for (const send of [http1, http2]) {
    const { json, challenge } = await send(shown(token, proof));
    assert.deepEqual([json.type, json.detail], ["urn:tandem:problem:token.proof", "it was used before"]);
    assert.match(challenge, invalidProof);
  }
  const renewed = await http2(shown(token, proofFor(key, right, id)));
  assert.equal(renewed.json.detail, "it was used before", "another signature makes it no other proof");
  const another = tokenBoundTo({ jkt: other.thumbprint });
  assert.equal((await http2(shown(another, proofFor(other, { url, token: another }, id)))).status, 200);
});

test("a proof that was refused is not spent", async (t) => {
  const { http1 } = await gateway(t);
  const proof = proofFor(key, right);
  assert.equal((await http1(shown(token, proof), "/other")).status, 401);
  assert.equal((await http1(shown(token, proof))).status, 200);
});

test("where a nonce is asked for, the challenge brings it, and a proof with it is accepted", async (t) => {
  const { http1, http2 } = await gateway(t, { nonce: { secret: "n".repeat(32) } });
  for (const send of [http1, http2])
    for (const nonce of [undefined, "", "x".repeat(22)]) {
      const refused = await send(withClaims({ nonce }));
      assert.deepEqual([refused.status, refused.json.type], [401, "urn:tandem:problem:token.proof-nonce"]);
      assert.match(refused.challenge, /^DPoP realm="tandem", error="use_dpop_nonce"/);
      assert.match(refused.nonce ?? "", /^[\w-]{22}$/);
      assert.equal((await send(withClaims({ nonce: refused.nonce }))).status, 200);
    }
});
