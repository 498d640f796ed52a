import { generateKeyPairSync, sign } from "node:crypto";
import { assertionAudience, assertionIssuer, assertionType } from "@tandem/contracts/assertion";
import { verificationKey } from "../jose/verification-key.ts";
import type { SigningKey, SigningKeys } from "../keys/signing-keys.ts";

/** An Ed25519 key of a test. */
export function createAssertionKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const publicJwk = { ...publicKey.export({ format: "jwk" }), kid, alg: "EdDSA" };
  return { kid, algorithm: "EdDSA", privateKey, publicKey: verificationKey(publicJwk), publicJwk, signsFrom: 0 };
}

/** Signing keys in the hands of a test: the first of them is the newest. */
export function signingKeysOf(...first: SigningKey[]): SigningKeys & { replace(...keys: SigningKey[]): void } {
  let all: readonly SigningKey[] = first;
  const listeners: (() => void)[] = [];
  const keys = () => all.map(({ publicKey }) => publicKey);
  return {
    get newest() {
      return all[0]!;
    },
    get all() {
      return all;
    },
    keys,
    renew: () => Promise.resolve(keys()),
    replace(...next) {
      all = next;
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
    close: () => {},
  };
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs an assertion as it is given, sound or not; what is not given is as it should be at `now`, in seconds. */
export function signAssertion(
  key: SigningKey,
  now: number,
  { claims = {}, header = {} }: { claims?: object; header?: object } = {},
): string {
  const sound = {
    iss: assertionIssuer,
    aud: assertionAudience,
    jti: "j",
    iat: now,
    exp: now + 30,
    sub: "me",
    scopes: ["a"],
    roles: [],
    auth: "jwt",
  };
  const input = `${part({ alg: "EdDSA", typ: assertionType, kid: key.kid, ...header })}.${part({ ...sound, ...claims })}`;
  return `${input}.${sign(null, Buffer.from(input), key.privateKey).toString("base64url")}`;
}
