import { hash, randomUUID } from "node:crypto";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import type { Store } from "@tandem/platform/store/store";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { authenticate } from "../authenticate/stage.ts";
import { createTestKey, issuersOf, issuerWith, signToken, sourceOf, type TestKey } from "../authenticate/testing.ts";
import type { Algorithm } from "../jose/algorithm.ts";
import { dpopSchema } from "./config.ts";
import { dpopProofs } from "./dpop-proofs.ts";
import { jwkThumbprint } from "./jwk-thumbprint.ts";

/** The key of a client in a test. */
export interface ClientKey extends TestKey {
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly thumbprint: string;
}

export function createClientKey(algorithm: Algorithm = "ES256"): ClientKey {
  const key = createTestKey(algorithm, "client");
  const jwk = { ...key.publicKey.export({ format: "jwk" }) };
  return { ...key, jwk, thumbprint: jwkThumbprint(jwk) ?? "" };
}

interface Asked {
  readonly method?: string;
  readonly url: string;
  readonly token?: string;
}

/** A proof for a request, made now, with what is given in place of what is right; undefined leaves a member out. */
export function proofFor(key: ClientKey, asked: Asked, instead: { claims?: object; header?: object } = {}): string {
  const { method: htm = "GET", url: htu, token } = asked;
  const ath = token === undefined ? undefined : hash("sha256", token, "base64url");
  const claims = { jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000), ath, ...instead.claims };
  return signToken(key, claims, { typ: "dpop+jwt", kid: undefined, jwk: key.jwk, ...instead.header });
}

const signer = createTestKey("ES256", "issuer");
const iss = "https://issuer.test";

/** An access token of the test's issuer, which lives for ten minutes; `cnf` binds it. */
export function tokenBoundTo(cnf: object | undefined, more: object = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  return signToken(signer, { iss, aud: "api", sub: "me", iat, exp: iat + 600, cnf, ...more });
}

interface Judging {
  readonly store?: Store;
  readonly clock?: Clock;
  /** As in the file. */
  readonly options?: object;
}

/** What a gateway that believes the test's issuer judges proofs and tokens by. */
export function judging({ store = new MemoryStore(), clock = systemClock, options = {} }: Judging = {}) {
  const issuers = issuersOf(issuerWith({ issuer: iss, keys: sourceOf(signer.verification) }));
  const proofs = dpopProofs({ options: dpopSchema.parse(options), store, clock });
  const kinds = [jwtKind({ issuers, clock })];
  return { proofs, stages: [hygiene({ from: "strangers" }), authenticate({ kinds, clock, proofs: proofs.condition })] };
}
