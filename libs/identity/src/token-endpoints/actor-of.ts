import { isJsonObject, type JsonObject } from "../jose/json-object.ts";
import type { Actor } from "./access-token.ts";
import { OAuthError } from "./oauth-error.ts";

/** Longer chains say less about who acts than about a loop. */
const longestChain = 8;

/** Says who acts with a token that a client gets for another's (RFC 8693 §4.1): the client, and behind it who acted before. */
export function actorOf(client: string, claims: JsonObject): Actor {
  const before = readActor(claims["act"], longestChain - 1);
  return { sub: client, ...(before && { act: before }) };
}

/** Holds a client to the `may_act` of a token (RFC 8693 §4.4), where there is one: nobody else may act with it then. */
export function checkMayAct(claims: JsonObject, client: string, issuer: string): void {
  const named = claims["may_act"];
  if (named === undefined) return;
  if (isJsonObject(named) && named["sub"] === client && (named["iss"] ?? issuer) === issuer) return;
  throw new OAuthError("invalid_request", "the subject token says that another may act with it");
}

function readActor(claim: unknown, left: number): Actor | undefined {
  if (claim === undefined) return undefined;
  if (left === 0 || !isJsonObject(claim) || typeof claim["sub"] !== "string")
    throw new OAuthError("invalid_request", "the subject token does not say plainly who acted with it");
  const before = readActor(claim["act"], left - 1);
  return { sub: claim["sub"], ...(before && { act: before }) };
}
