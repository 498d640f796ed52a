import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSchema } from "../assertion/config.ts";
import { issuersSchema } from "../issuers/config.ts";
import { serviceTokensSchema } from "../upstream-identity/config.ts";
import { retireAfterOf } from "./rotation-times.ts";

/** Each place that signs, with what it needs beside the settings of rotation. */
const places: Record<string, (more: object) => string[]> = {
  issuer: (more) => {
    const issuer = { name: "own", type: "embedded", issuer: "https://a.test", audience: "a", keys: "k", ...more };
    return faultsOf(issuersSchema.safeParse([issuer]));
  },
  serviceTokens: (more) => faultsOf(serviceTokensSchema.safeParse({ issuer: "a", keys: "k", ...more })),
  assertion: (more) => faultsOf(assertSchema.safeParse({ keys: "k", publish: "p", ...more })),
};

interface Parsed {
  readonly error?: { readonly issues: readonly { path: PropertyKey[]; message: string; params?: unknown }[] };
}
const faultsOf = ({ error }: Parsed): string[] =>
  (error?.issues ?? []).map(({ path, message }) => `${String(path.at(-1))}: ${message}`);

const short = ["retireAfter: what the key has signed would be refused while it is good"];
const cases: { name: string; place: string; given: object; faults?: string[] }[] = [
  { name: "nothing", place: "issuer", given: {} },
  { name: "a schedule", place: "issuer", given: { rotateEvery: "30d" } },
  { name: "a year of it", place: "serviceTokens", given: { rotateEvery: "366d", retireAfter: "366d" } },
  { name: "as long as a token lives, and a minute", place: "issuer", given: { retireAfter: "11m" } },
  { name: "less than that", place: "issuer", given: { retireAfter: "10m" }, faults: short },
  {
    name: "less than a longer lifetime",
    place: "issuer",
    given: { lifetime: "24h", retireAfter: "23h" },
    faults: short,
  },
  { name: "two minutes where tokens live for one", place: "serviceTokens", given: { retireAfter: "2m" } },
  { name: "a minute where tokens live for one", place: "serviceTokens", given: { retireAfter: "1m" }, faults: short },
  { name: "as long as an assertion is accepted", place: "assertion", given: { retireAfter: "35s" } },
  { name: "less than that", place: "assertion", given: { retireAfter: "34s" }, faults: short },
  {
    name: "a schedule, and nowhere to publish",
    place: "assertion",
    given: { rotateEvery: "1d", publish: undefined },
    faults: ["publish: missing"],
  },
];
for (const { name, place, given, faults = [] } of cases)
  test(`${place} with ${name} is ${faults.length === 0 ? "fine" : "refused"}`, () =>
    assert.deepEqual(places[place]?.(given), faults));

for (const place of Object.keys(places))
  test(`${place} is not rotated more often than every hour`, () =>
    assert.equal(places[place]?.({ rotateEvery: "59m" }).length, 1));

test("what nobody has said is enough for all that the configuration lets live", () => {
  const hour = 3_600_000;
  assert.ok(retireAfterOf("RS256") > 24 * hour);
  assert.equal(places["issuer"]?.({ lifetime: "1441m" }).length, 1);
  assert.ok(retireAfterOf("ES256") > hour / 6);
  assert.equal(places["serviceTokens"]?.({ lifetime: "601s" }).length, 1);
  assert.equal(retireAfterOf("EdDSA"), 60_000);
  assert.equal(retireAfterOf("RS256", 600_000), 960_000);
});
