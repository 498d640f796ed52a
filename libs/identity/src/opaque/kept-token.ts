import { hash } from "node:crypto";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import { isJsonObject, type JsonObject } from "../jose/json-object.ts";
import { createMarkedSecret, isMarkedSecret } from "../marked-secret.ts";
import { unavailable } from "../unavailable.ts";

/** What a token stands for. */
export type Claims = JsonObject;

/** What every opaque token of ours begins with, so that scanners find one that leaked. */
const opaquePrefix = "tdo";

/** Tells a text that is to be judged here and nowhere else, be it a good token or not. */
export const isMarkedAsOurs = (text: string): boolean => text.startsWith(`${opaquePrefix}_`);

/** Tells a token that we can have made: mistyped and made-up ones are told without a look at the store. */
export const isOurForm = (text: string): boolean => isMarkedSecret(text, opaquePrefix);

/** Makes a token that says nothing, and keeps what it stands for; the store never sees the token, only its SHA-256. */
export async function keepToken(claims: Claims, ttlMs: number, store: Store): Promise<string> {
  const token = createMarkedSecret(opaquePrefix);
  await asked(store.set(keyOf(hash("sha256", token, "base64url")), JSON.stringify(claims), ttlMs));
  return token;
}

/** What a token stands for, by its SHA-256 in base64url; nothing where it expired, was dropped or never was. */
export async function claimsOfKept(digest: string, store: Store): Promise<Claims | undefined> {
  const text = await asked(store.get(keyOf(digest)));
  return text === undefined ? undefined : readClaims(text);
}

/** Forgets a token; tells whether there was one. */
export const dropToken = (digest: string, store: Store): Promise<boolean> => asked(store.delete(keyOf(digest)));

const keyOf = (digest: string): string => `opaque:${digest}`;

async function asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof StoreUnavailable ? unavailable(error) : error;
  }
}

function readClaims(text: string): Claims {
  try {
    const claims: unknown = JSON.parse(text);
    if (isJsonObject(claims)) return claims;
  } catch {
    // What the error says would quote the claims.
  }
  throw unavailable(new Error("what the store keeps for an opaque token is not what we put there"));
}
