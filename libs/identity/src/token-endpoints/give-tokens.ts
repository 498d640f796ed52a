import { randomUUID } from "node:crypto";
import { issueToken, type TokenFacts } from "./access-token.ts";
import type { GrantAnswer, Granting } from "./grant.ts";
import type { Origin } from "./family.ts";

/** Gives an access token, and to a client that may refresh it the first of a family of refresh tokens. */
export async function giveTokens(facts: TokenFacts, granting: Granting, origin?: Origin): Promise<GrantAnswer> {
  const { client, expires, ...granted } = facts;
  if (!client.refresh) return issueToken(facts, granting);
  const session = randomUUID();
  const answer = await issueToken({ ...facts, session }, granting);
  const family = { ...granted, id: session, client: client.id, origin };
  return { ...answer, refresh_token: await granting.families.begin(family, expires) };
}
