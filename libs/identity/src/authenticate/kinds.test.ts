import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import type { Principal } from "@tandem/contracts/principal";
import { exchangeOf } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { OwnStrategy } from "./own-strategy.ts";
import type { Kind, KindName } from "./strategy.ts";
import { authenticate } from "./stage.ts";
import type { Condition, Verified } from "./verified.ts";

const principal: Principal = { subject: "me", scopes: [], roles: [], method: "jwt" };
const thumbprint = "t".repeat(43);
const tls = { version: "TLSv1.3", cipher: "x", alpn: "http/1.1", certificate: thumbprint };

interface World {
  readonly kind: Kind;
  readonly asked: string[];
  readonly forget: () => void;
}

/** A kind that takes `good-…` and notes what it is asked. */
function kindOf(name: KindName, more: Partial<Verified> = {}): World {
  const asked: string[] = [];
  const listeners: (() => void)[] = [];
  const strategy = new OwnStrategy(({ text }) => {
    asked.push(text);
    if (text.startsWith("later")) return Promise.resolve({ principal, marks: {}, ...more });
    if (!text.includes("good") && name !== "certificate") throw new GatewayError("token.malformed");
    return { principal: { ...principal, subject: name }, marks: {}, ...more };
  });
  const kind = { name, strategy, onChange: (listener: () => void) => void listeners.push(listener) };
  return { kind, asked, forget: () => listeners.forEach((listener) => listener()) };
}

async function ask(stage: ReturnType<typeof authenticate>, rawHeaders: string[], certified = false) {
  const peer = { address: "192.0.2.1", port: 1, ...(certified && { tls }) };
  const { exchange } = exchangeOf({ rawHeaders, peer });
  await stage.run(exchange);
  return exchange.principal.subject;
}

const bearer = (text: string): string[] => ["authorization", `Bearer ${text}`];

test("what is presented chooses the one kind that judges it", async () => {
  const worlds = (["jwt", "opaque", "api-key", "certificate"] as const).map((name) => kindOf(name));
  const stage = authenticate({ kinds: worlds.map(({ kind }) => kind) });
  assert.equal(await ask(stage, bearer("a.good.b")), "jwt");
  assert.equal(await ask(stage, bearer("good")), "opaque");
  assert.equal(await ask(stage, ["x-api-key", "good"]), "api-key");
  assert.equal(await ask(stage, [], true), "certificate");
  assert.equal(
    await ask(stage, bearer("good"), true),
    "opaque",
    "a certificate beside a token is no second credential",
  );
  assert.equal(await ask(stage, []), "anonymous");
  assert.deepEqual(
    worlds.map(({ asked }) => asked),
    [["a.good.b"], ["good"], ["good"], [thumbprint]],
  );
});

test("a credential of one kind is not known as another", async () => {
  const stage = authenticate({ kinds: [kindOf("opaque").kind, kindOf("api-key").kind] });
  assert.equal(await ask(stage, bearer("good")), "opaque");
  assert.equal(await ask(stage, ["x-api-key", "good"]), "api-key");
});

const unsupported: { name: string; headers: string[] }[] = [
  { name: "an API key", headers: ["x-api-key", "good"] },
  { name: "an API key of any length", headers: ["x-api-key", "g".repeat(5000)] },
  { name: "another scheme", headers: ["authorization", "Basic Z29vZA=="] },
];
for (const { name, headers } of unsupported)
  test(`where only tokens are accepted ${name} is refused`, async () => {
    const stage = authenticate({ kinds: [kindOf("jwt").kind] });
    await assert.rejects(ask(stage, headers), { code: "credentials.unsupported", status: 401 });
  });

test("where no opaque token is accepted, a token without dots is a malformed one", async () => {
  const { kind, asked } = kindOf("jwt");
  await assert.rejects(ask(authenticate({ kinds: [kind] }), bearer("nothing")), { code: "token.malformed" });
  assert.deepEqual(asked, ["nothing"]);
});

test("a certificate is nobody's where no certificate is accepted", async () => {
  assert.equal(await ask(authenticate({ kinds: [kindOf("jwt").kind] }), [], true), "anonymous");
});

test("what was judged once is known, until its kind says otherwise", async () => {
  const { kind, asked, forget } = kindOf("opaque");
  const stage = authenticate({ kinds: [kind] });
  await ask(stage, bearer("later"));
  await ask(stage, bearer("later"));
  assert.equal(asked.length, 1);
  forget();
  await ask(stage, bearer("later"));
  assert.equal(asked.length, 2);
});

test("what was withdrawn while a credential was judged is not remembered", async () => {
  const { kind, asked, forget } = kindOf("opaque");
  const stage = authenticate({ kinds: [kind] });
  const judged = ask(stage, bearer("later"));
  forget();
  await judged;
  await ask(stage, bearer("later"));
  assert.equal(asked.length, 2);
});

test("what is kept for less than a minute is looked at anew after that", async () => {
  const world = { now: 0 };
  const { kind, asked } = kindOf("opaque", { keepFor: 1000 });
  const stage = authenticate({ kinds: [kind], clock: { now: () => world.now, monotonic: () => world.now } });
  await ask(stage, bearer("good"));
  world.now = 999;
  await ask(stage, bearer("good"));
  assert.equal(asked.length, 1);
  world.now = 1000;
  await ask(stage, bearer("good"));
  assert.equal(asked.length, 2);
});

test("a bound token is refused without its certificate, each time, and accepted with it", async () => {
  const { kind, asked } = kindOf("opaque", { confirmation: { certificate: thumbprint } });
  const stage = authenticate({ kinds: [kind], clock: systemClock });
  await assert.rejects(ask(stage, bearer("good")), { code: "token.binding", status: 401 });
  assert.equal(await ask(stage, bearer("good"), true), "opaque");
  await assert.rejects(ask(stage, bearer("good")), { code: "token.binding" });
  assert.equal(asked.length, 1);
});

test("every condition is asked with every request, in order, whether it waits or not", async () => {
  const seen: string[] = [];
  const slow: Condition = async () => void seen.push(await Promise.resolve("slow"));
  const quick: Condition = () => void seen.push("quick");
  const never: Condition = ({ principal: { subject } }) => {
    if (subject === "jwt") throw new GatewayError("token.binding");
  };
  const stage = authenticate({
    kinds: [kindOf("opaque").kind, kindOf("jwt").kind],
    conditions: [slow, quick, never],
  });
  await ask(stage, bearer("good"));
  await ask(stage, bearer("good"));
  assert.deepEqual(seen, ["slow", "quick", "slow", "quick"]);
  await assert.rejects(ask(stage, bearer("good.")), { code: "token.binding" });
});
