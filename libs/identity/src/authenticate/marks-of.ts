import type { Marks } from "./verified.ts";

/** The marks that a token's claims hold; one of another type is none, and nothing is taken back by it. */
export const marksOf = ({ jti, sid, iat }: Readonly<Record<string, unknown>>): Marks => ({
  id: typeof jti === "string" ? jti : undefined,
  session: typeof sid === "string" ? sid : undefined,
  issuedAt: typeof iat === "number" ? iat : undefined,
});
