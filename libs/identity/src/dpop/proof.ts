import { isAlgorithm } from "../jose/algorithm.ts";
import { type CompactJws, MalformedJws, readCompactJws } from "../jose/compact-jws.ts";
import { isJsonObject } from "../jose/json-object.ts";
import { isSignedBy, UnusableKey, type VerificationKey, verificationKey } from "../jose/verification-key.ts";
import { privateMemberOf } from "../keys/public-keys.ts";
import type { TwoGenerations } from "../two-generations.ts";
import { jwkThumbprint } from "./jwk-thumbprint.ts";
import { ProofError } from "./proof-error.ts";

/** A proof whose signature is right: who made it holds the key. What for, and when, is still to be judged. */
export interface Proof {
  /** RFC 7638, of the key. */
  readonly thumbprint: string;
  /** `jti`, `htm`, `htu`. */
  readonly id: string;
  readonly method: string;
  readonly target: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** `ath`: SHA-256 of the token with which it goes. */
  readonly tokenDigest: string | undefined;
  readonly nonce: string | undefined;
}

/** The key of a client, as it was shown. */
export interface ProofKey {
  readonly key: VerificationKey;
  readonly thumbprint: string;
}

const longestProof = 4096;
const longestId = 256;
/** To check a signature with a larger exponent takes as long as to make one: somebody's time, but not ours. */
const largestExponent = 2n ** 32n;

/**
 * Reads a proof (RFC 9449 §4.2) and checks its signature by the key that it brings; throws ProofError. Keys are known by
 * the header that brought them, which a client sends the same way each time: an import costs more than a look-up.
 */
export function readProof(text: string, known: TwoGenerations<ProofKey>): Proof {
  if (text.length > longestProof) throw new ProofError(`it has more than ${longestProof} characters`);
  const jws = takeApart(text);
  const { header, payload, signingInput, signature } = jws;
  if (typeof header["typ"] !== "string" || header["typ"].toLowerCase() !== "dpop+jwt")
    throw new ProofError("it is not marked as a proof");
  const name = text.slice(0, text.indexOf("."));
  const by = known.get(name) ?? keyIn(header);
  if (!isSignedBy(by.key, signingInput, signature)) throw new ProofError("it is not signed by the key that it shows");
  known.set(name, by);
  const [id, method, target] = [textIn(payload, "jti"), textIn(payload, "htm"), textIn(payload, "htu")];
  const issued = payload["iat"];
  if (id === undefined || method === undefined || target === undefined || typeof issued !== "number")
    throw new ProofError("it lacks one of jti, htm, htu and iat");
  if (id === "" || id.length > longestId) throw new ProofError("its jti is empty or too long");
  const [tokenDigest, nonce] = [textIn(payload, "ath"), textIn(payload, "nonce")];
  return { thumbprint: by.thumbprint, id, method, target, issuedAt: issued * 1000, tokenDigest, nonce };
}

function takeApart(text: string): CompactJws {
  try {
    return readCompactJws(text, { own: true });
  } catch (error) {
    if (error instanceof MalformedJws) throw new ProofError(error.message);
    throw error;
  }
}

function keyIn(header: CompactJws["header"]): ProofKey {
  const { alg, jwk } = header;
  if (!isAlgorithm(alg)) throw new ProofError("its algorithm is not accepted");
  if (!isJsonObject(jwk)) throw new ProofError("it shows no key");
  if (privateMemberOf(jwk) !== undefined) throw new ProofError("it shows a private key");
  const thumbprint = jwkThumbprint(jwk);
  if (thumbprint === undefined) throw new ProofError("its key is not a public key of a known type");
  try {
    const key = verificationKey(jwk, [alg]);
    if ((key.key.asymmetricKeyDetails?.publicExponent ?? 0n) > largestExponent)
      throw new ProofError("the exponent of its key is too large");
    return { key, thumbprint };
  } catch (error) {
    if (error instanceof UnusableKey) throw new ProofError(`its key is not accepted: ${error.message}`);
    throw error;
  }
}

function textIn(payload: CompactJws["payload"], name: string): string | undefined {
  const value = payload[name];
  if (value !== undefined && typeof value !== "string") throw new ProofError(`its ${name} is not a text`);
  return value;
}
