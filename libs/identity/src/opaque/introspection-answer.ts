import { z } from "zod";
import { tokenError } from "../authenticate/token-error.ts";
import type { Claims } from "./kept-token.ts";

const text = z.string().optional();
const time = z.number().optional();
const texts = z.union([z.string(), z.array(z.string())]).optional();

/** RFC 7662 §2.2, and the claims that a JWT may have here. */
const answerSchema = z.discriminatedUnion("active", [
  z.object({ active: z.literal(false) }),
  z.looseObject({
    active: z.literal(true),
    sub: text,
    username: text,
    client_id: text,
    iss: text,
    jti: text,
    sid: text,
    tenant: text,
    scope: text,
    token_type: text,
    token_use: text,
    aud: texts,
    roles: texts,
    exp: time,
    nbf: time,
    iat: time,
  }),
]);

/** The kinds that an access token can be said to be; a server also knows refresh tokens, and calls them active. */
const accessKinds = ["bearer", "dpop", "access_token", "access-token"];

/**
 * Reads what an introspection endpoint says of a token: its claims, as a JWT would bear them, or nothing where it is not
 * active. Throws a plain error where the answer is none; no error quotes it, for it may hold the token.
 */
export function claimsOfAnswer(body: string): Claims | undefined {
  const { success, data, error } = answerSchema.safeParse(parsed(body));
  if (success) return data.active ? data : undefined;
  const places = error.issues.map(({ path }) => path.join(".") || "all of it");
  throw new Error(`its answer is not one of RFC 7662: ${[...new Set(places)].join(", ")}`);
}

/** Refuses what is active, but is no access token, or bound to nothing that could be checked. */
export function checkKind({ token_type: type, token_use: use, cnf }: Claims): void {
  for (const kind of [type, use])
    if (typeof kind === "string" && !accessKinds.includes(kind.toLowerCase()))
      throw tokenError("token.malformed", "it is not an access token");
  if (typeof type === "string" && type.toLowerCase() === "dpop" && cnf === undefined)
    throw tokenError("token.claims", "it is bound to a key that is not named");
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error("its answer is not JSON");
  }
}
