import { isAlgorithm } from "../jose/algorithm.ts";
import { MalformedJws, readCompactJws, type CompactJws } from "../jose/compact-jws.ts";
import { candidates, type VerificationKey } from "../jose/verification-key.ts";
import type { Issuer, Issuers } from "../issuers/issuer.ts";
import { tokenError } from "./token-error.ts";

/** RFC 9068 §2.1 and RFC 7519 §5.1; anything else is a token for another purpose. */
const accessTypes = ["at+jwt", "application/at+jwt"];
const anyTypes = ["jwt", "application/jwt", ...accessTypes];

/** Takes a token apart; nothing in it is believed yet. */
export function readToken(text: string): CompactJws {
  try {
    return readCompactJws(text);
  } catch (error) {
    if (error instanceof MalformedJws) throw tokenError("token.malformed", error.message);
    throw error;
  }
}

/** Finds who is to judge a token. The `iss` is not proved yet: it only chooses the keys that have to prove it. */
export function issuerOf({ header, payload }: CompactJws, { byIss }: Issuers): Issuer {
  const { alg, typ, cty } = header;
  if (!isAlgorithm(alg)) throw tokenError("token.algorithm");
  const issuer = typeof payload["iss"] === "string" ? byIss.get(payload["iss"]) : undefined;
  if (!issuer) throw tokenError("token.issuer");
  if (!issuer.algorithms.includes(alg)) throw tokenError("token.algorithm");
  const untyped = typ === undefined && issuer.tokenType === "any";
  const types = issuer.tokenType === "any" ? anyTypes : accessTypes;
  if (!untyped && !(typeof typ === "string" && types.includes(typ.toLowerCase())))
    throw tokenError("token.malformed", "it is not marked as an access token");
  if (cty !== undefined) throw tokenError("token.malformed", "it holds another token");
  return issuer;
}

/** Finds the key that must have signed a token; looks for newer keys before it refuses an unknown one. */
export function keyFor(jws: CompactJws, issuer: Pick<Issuer, "keys">): VerificationKey | Promise<VerificationKey> {
  const renewed = async (): Promise<VerificationKey> => {
    const key = keyAmong(await issuer.keys.renew(), jws);
    if (!key) throw tokenError("token.key");
    return key;
  };
  const keys = issuer.keys.keys();
  if (keys instanceof Promise) return keys.then((first) => keyAmong(first, jws) ?? renewed());
  return keyAmong(keys, jws) ?? renewed();
}

function keyAmong(keys: readonly VerificationKey[], { header }: CompactJws): VerificationKey | undefined {
  const meant = candidates(keys, header["kid"]);
  if (meant.length === 0) return undefined;
  const fitting = meant.filter(({ algorithm }) => algorithm === header["alg"]);
  if (fitting.length === 0) throw tokenError("token.algorithm");
  if (fitting.length > 1 && header["kid"] === undefined)
    throw tokenError("token.key", "it does not say which of several keys signed it");
  return fitting[0];
}
