import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { balanceFields, balanceOf, balances, stickyFaults } from "./config.ts";
import { alike, asking } from "./testing.ts";

const service = z.strictObject(balanceFields);
const services = z.record(z.string(), service).superRefine(stickyFaults);

test("who says nothing gets round-robin, and no sessions", () =>
  assert.deepEqual(service.parse({}), { balance: "round-robin" }));

for (const name of Object.keys(balances))
  test(`${name} is the word for it`, () => assert.equal(service.parse({ balance: name }).balance, name));

for (const key of ["principal", "client", "address", { header: "x-cart" }, { cookie: "cart" }])
  test(`a hash of ${JSON.stringify(key)} is bound to a quarter above the share`, () => {
    const given = { by: "hash", of: key };
    assert.deepEqual(service.parse({ balance: given }).balance, { ...given, maxLoad: 1.25 });
  });

const refused: { name: string; given: object }[] = [
  { name: "a balance that nobody knows", given: { balance: "random" } },
  { name: "a hash of nothing", given: { balance: "hash" } },
  { name: "a hash without its key", given: { balance: { by: "hash" } } },
  { name: "a hash of what a request does not have", given: { balance: { by: "hash", of: "tenant" } } },
  { name: "two keys at once", given: { balance: { by: "hash", of: { header: "x-a", cookie: "b" } } } },
  { name: "a bound that leaves no room", given: { balance: { by: "hash", of: "client", maxLoad: 1 } } },
  { name: "a bound where there is no hash", given: { balance: { by: "least-request", maxLoad: 2 } } },
  { name: "a header with capitals", given: { balance: { by: "hash", of: { header: "X-Cart" } } } },
  ...["authorization", "cookie", "connection", "x-forwarded-for", "tandem-assertion", "x-request-id", "te"].map(
    (header) => ({ name: `${header}, which does not get here`, given: { balance: { by: "hash", of: { header } } } }),
  ),
  { name: "a cookie name with a space", given: { sticky: { cookie: "a b" } } },
  { name: "a cookie name with a semicolon", given: { sticky: { cookie: "a;Domain" } } },
  { name: "sessions without a cookie", given: { sticky: {} } },
  { name: "sessions of less than a second", given: { sticky: { cookie: "s", ttl: "500ms" } } },
];
for (const { name, given } of refused)
  test(`refused: ${name}`, () => assert.equal(service.safeParse(given).success, false));

const impossible: { name: string; given: object; at: string; says: RegExp }[] = [
  {
    name: "two services keep their sessions in one cookie",
    given: { a: { sticky: { cookie: "s" } }, b: { sticky: { cookie: "s" } } },
    at: "b.sticky.cookie",
    says: /the sessions of a are in this cookie/,
  },
  {
    name: "the key of the hash is the cookie of the sessions",
    given: { a: { sticky: { cookie: "s" }, balance: { by: "hash", of: { cookie: "s" } } } },
    at: "a.sticky.cookie",
    says: /cannot be the gateway's too/,
  },
];
for (const { name, given, at, says } of impossible)
  test(`refused with its place: ${name}`, () => {
    const [issue, ...more] = services.safeParse(given).error?.issues ?? [];
    assert.deepEqual([issue?.path.join("."), more.length], [at, 0]);
    assert.match(issue!.message, says);
  });

test("services with cookies of their own, and hashes of other cookies, are fine", () => {
  const hashed = { by: "hash", of: { cookie: "cart" } };
  assert.ok(services.parse({ a: { sticky: { cookie: "s" }, balance: hashed }, b: { sticky: { cookie: "t" } } }));
});

test("only where sessions stay with an instance is there anything to tell of them", () => {
  const [without, sticky] = [service.parse({}), service.parse({ sticky: { cookie: "s" } })];
  assert.equal(balanceOf(without, { service: "orders" }).sessions, undefined);
  assert.ok(balanceOf(sticky, { service: "orders" }).sessions);
});

test("lots are drawn with the randomness that is given", () => {
  const instances = alike(3);
  const lots = [0.9, 0.1, 0.5];
  const { balance } = balanceOf(service.parse({}), { service: "orders", random: () => lots.shift() ?? 0 });
  assert.equal(balance(instances)(asking(), []), instances[1]);
});
