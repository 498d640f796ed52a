import { generateKeyPairSync, sign, type KeyObject, type SignKeyObjectInput } from "node:crypto";
import type { Algorithm } from "../jose/algorithm.ts";
import { verificationKey, type VerificationKey } from "../jose/verification-key.ts";
import type { Issuer, Issuers } from "../issuers/issuer.ts";
import type { KeySource } from "../keys/key-source.ts";

/** A key pair of a test, pinned to one algorithm. */
export interface TestKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly verification: VerificationKey;
}

const curves: Readonly<Record<string, string>> = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };

export function createTestKey(algorithm: Algorithm, kid: string): TestKey {
  const pair =
    algorithm === "EdDSA"
      ? generateKeyPairSync("ed25519")
      : algorithm.startsWith("ES")
        ? generateKeyPairSync("ec", { namedCurve: curves[algorithm] ?? "" })
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...pair.publicKey.export({ format: "jwk" }), kid, alg: algorithm };
  return { kid, algorithm, ...pair, verification: verificationKey(jwk) };
}

/** Signs what is given, sound or not; the header says `alg` and `kid` of the key unless it says otherwise. */
export function signToken(key: TestKey, claims: object, header: object = {}): string {
  const input = `${part({ alg: key.algorithm, kid: key.kid, ...header })}.${part(claims)}`;
  return `${input}.${signatureOf(key, input).toString("base64url")}`;
}

export const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export function signatureOf({ algorithm, privateKey }: TestKey, input: string): Buffer {
  const how: SignKeyObjectInput = { key: privateKey };
  if (algorithm.startsWith("ES")) how.dsaEncoding = "ieee-p1363";
  if (algorithm.startsWith("PS")) Object.assign(how, { padding: 6, saltLength: Number(algorithm.slice(2)) / 8 });
  return sign(algorithm === "EdDSA" ? null : `sha${algorithm.slice(2)}`, Buffer.from(input), how);
}

/** A key source in the hands of a test. */
export interface TestSource extends KeySource {
  replace(...keys: VerificationKey[]): void;
  /** What a renewal brings, where it brings anything. */
  next: readonly VerificationKey[] | undefined;
  renewals: number;
}

export function sourceOf(...first: VerificationKey[]): TestSource {
  let keys: readonly VerificationKey[] = first;
  const listeners: (() => void)[] = [];
  const source: TestSource = {
    next: undefined,
    renewals: 0,
    keys: () => keys,
    renew() {
      source.renewals++;
      if (source.next) source.replace(...source.next);
      return Promise.resolve(keys);
    },
    replace(...next) {
      keys = next;
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
    close: () => {},
  };
  return source;
}

/** An issuer with the defaults of the configuration. */
export function issuerWith(parts: Partial<Issuer> & Pick<Issuer, "issuer" | "keys">): Issuer {
  return {
    name: "test",
    audiences: ["api"],
    algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
    tokenType: "any",
    clockSkew: 60_000,
    maxLifetime: undefined,
    claims: {},
    ...parts,
  };
}

export const issuersOf = (...issuers: Issuer[]): Issuers => ({
  byIss: new Map(issuers.map((issuer) => [issuer.issuer, issuer])),
  embedded: undefined,
  close: () => {},
});
