import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Algorithm } from "../jose/algorithm.ts";
import { UnusableKey, verificationKey, type VerificationKey } from "../jose/verification-key.ts";
import type { KeySource } from "./key-source.ts";
import { WatchedDirectory, type JsonFile } from "./watched-directory.ts";

/** A private key with its public half. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: VerificationKey;
  /** What may be published. */
  readonly publicJwk: JsonWebKey;
  /** Epoch milliseconds: it verifies before, and signs from then until the time of a newer one has come. */
  readonly signsFrom: number;
}

/** The keys that we sign with ourselves: the newest whose time has come signs, and each verifies until its file is removed. */
export interface SigningKeys extends KeySource {
  /** Ask for it each time; where no key's time has come it is the first that will sign. */
  readonly newest: SigningKey;
  readonly all: readonly SigningKey[];
  keys(): readonly VerificationKey[];
}

interface SigningKeyOptions {
  /** Keys of another algorithm are reported and left out. */
  readonly algorithm: Algorithm;
  readonly logger: Logger;
  readonly interval?: number;
  readonly clock?: Clock;
}

/** Opens a directory of private JWK files, one file a key, and follows it. Rejects when there is no key to sign with. */
export async function openSigningKeys(directory: string, options: SigningKeyOptions): Promise<SigningKeys> {
  const { clock = systemClock } = options;
  const read = (file: JsonFile): SigningKey => readSigningKey(file, options.algorithm);
  const watched = await WatchedDirectory.open(directory, { ...options, read });
  let all: readonly SigningKey[] = [];
  let verifying: readonly VerificationKey[] = [];
  let newest: SigningKey;
  let changesAt = Infinity;
  const choose = (now: number): void => {
    newest = inForce(all, now)!;
    changesAt = all.findLast(({ signsFrom }) => signsFrom > now)?.signsFrom ?? Infinity;
  };
  const adopt = (): void => {
    all = watched.entries.toSorted(newestFirst);
    verifying = all.map(({ publicKey }) => publicKey);
    choose(clock.now());
  };
  adopt();
  watched.onChange(adopt);
  return {
    get newest() {
      // While no key waits for its time nobody needs to know the time.
      if (changesAt !== Infinity && clock.now() >= changesAt) choose(clock.now());
      return newest;
    },
    get all() {
      return all;
    },
    keys: () => verifying,
    renew: () => watched.lookAgain().then(() => verifying),
    onChange: (listener) => watched.onChange(listener),
    close: () => watched.close(),
  };
}

interface Dated {
  readonly kid: string;
  readonly signsFrom: number;
}

/** The order in which `inForce` takes keys. */
export const newestFirst = (one: Dated, other: Dated): number =>
  other.signsFrom - one.signsFrom || (one.kid < other.kid ? -1 : 1);

/** The key that signs now: the newest whose time has come, or where there is none, the one whose time comes first. */
export const inForce = <Key extends Dated>(keys: readonly Key[], now: number): Key | undefined =>
  keys.find(({ signsFrom }) => signsFrom <= now) ?? keys.at(-1);

/** Reads one private JWK file. Its `iat` says from when on it signs, its `kid` how it is called; failing that, the file does. */
export function readSigningKey({ name, json, modifiedAt }: JsonFile, algorithm: Algorithm): SigningKey {
  if (!isPrivateJwk(json)) throw new UnusableKey("it holds no private key (JWK)");
  const privateKey = importPrivate(json);
  const exported = createPublicKey(privateKey).export({ format: "jwk" });
  const kid = typeof json.kid === "string" ? json.kid : name.slice(0, -".json".length);
  const publicJwk = { ...exported, kid, alg: json.alg ?? algorithm, use: "sig" };
  const publicKey = verificationKey(publicJwk, [algorithm]);
  const signsFrom = typeof json.iat === "number" ? json.iat * 1000 : modifiedAt;
  return { kid, algorithm, privateKey, publicKey, publicJwk, signsFrom };
}

function importPrivate(jwk: JsonWebKey): KeyObject {
  try {
    return createPrivateKey({ key: jwk, format: "jwk" });
  } catch (cause) {
    throw new UnusableKey("it is not a private key of a known type", { cause });
  }
}

const isPrivateJwk = (json: unknown): json is JsonWebKey & { d: string; kid?: unknown; alg?: unknown; iat?: unknown } =>
  typeof json === "object" && json !== null && "kty" in json && "d" in json && typeof json.d === "string";
