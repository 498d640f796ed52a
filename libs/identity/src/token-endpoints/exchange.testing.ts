import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { systemClock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import type { Store } from "@tandem/platform/store/store";
import { apiKeyKind } from "../api-keys/api-key-strategy.ts";
import { createKey } from "../api-keys/manage-keys.ts";
import { storedKeys } from "../api-keys/stored-keys.ts";
import { givenKey } from "../api-keys/testing.ts";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { createTestKey, signToken } from "../authenticate/testing.ts";
import { emptyDirectory } from "../keys/testing.ts";
import { opaqueKinds } from "../opaque/opaque-kind.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { tokenEndpoints } from "./stage.ts";
import { tokenTypes } from "./subject-tokens.ts";
import { clientOf, openTestIssuer, protocols } from "./testing.ts";

const key = createTestKey("ES256", "theirs");
const rights = { scopes: ["orders:read", "orders:write"], roles: ["clerk"], tenant: "acme" };

/** Clients that may exchange: one plain, one that may refresh, one with opaque tokens. */
export const clients = [
  clientOf("web", { ...rights, exchange: true }),
  clientOf("keeper", { ...rights, exchange: true, refresh: true }),
  clientOf("closed", { ...rights, exchange: true, tokens: "opaque" }),
];

/** Seconds, now. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** A token of somebody else whom we trust; a claim that is undefined is left out. */
export const theirToken = (claims: object = {}): string =>
  signToken(key, {
    iss: "https://theirs.test",
    sub: "alice",
    aud: "ours",
    exp: now() + 300,
    iat: now(),
    scope: "orders:read other",
    roles: ["clerk", "boss"],
    tenant: "theirs",
    ...claims,
  });

interface World {
  readonly store?: Store;
  readonly revocations?: Revocations;
}

/** The endpoints, another issuer that is trusted, and an API key. */
export async function exchangeWorld(t: TestContext, more: World = {}, protocol = protocols[0]!) {
  const { store = new MemoryStore(), ...rest } = more;
  const keyFile = join(await emptyDirectory(t), "theirs.json");
  const jwk = { ...key.publicKey.export({ format: "jwk" }), kid: key.kid, alg: key.algorithm };
  await writeFile(keyFile, JSON.stringify({ keys: [jwk] }));
  const others = [{ name: "theirs", type: "jwt", issuer: "https://theirs.test", audience: "ours", keys: keyFile }];
  const options = { audience: ["demo", "https://orders.test/"] };
  const { issuer, issuers } = await openTestIssuer(t, { clients, others, options });
  const keys = storedKeys(store);
  const surroundings = { store, clock: systemClock, logger: silentLogger };
  const kinds = [
    jwtKind({ issuers, clock: systemClock }),
    ...opaqueKinds([issuer.options], surroundings),
    apiKeyKind({ keys, clock: systemClock, used: () => {} }),
  ];
  const stages = [hygiene({ from: "strangers" }), tokenEndpoints({ issuer, store, kinds, ...rest })];
  const asking = await protocol.asking(t, stages);
  const ask = (fields: object, as?: string) => asking("/oauth/token", { ...fields }, as);
  /** Exchanges a token of theirs, unless the fields say otherwise. */
  const exchange = (fields: object = {}, as?: string) =>
    ask(
      {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: "subject_token" in fields ? undefined : theirToken(),
        subject_token_type: tokenTypes.jwt,
        ...fields,
      },
      as,
    );
  const given = givenKey({ scopes: ["orders:write"], roles: ["clerk"], tenant: "north" });
  const { secret } = await createKey(keys, given, { clock: systemClock });
  return { ask, asking, exchange, secret, keys };
}
