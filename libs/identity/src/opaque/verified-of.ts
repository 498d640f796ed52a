import { confirmationOf } from "../authenticate/confirmation-of.ts";
import { marksOf } from "../authenticate/marks-of.ts";
import { principalOf, type ClaimRules } from "../authenticate/principal-of.ts";
import type { Verified } from "../authenticate/verified.ts";
import type { Claims } from "./kept-token.ts";

interface Judging extends ClaimRules {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Milliseconds; never beyond the token's own end. */
  readonly keepFor: number;
}

/** Judges the claims that an opaque token stands for, as those of a JWT are judged, and says what it is worth. */
export function verifiedOf(claims: Claims, rules: Judging): Verified {
  const { now, keepFor } = rules;
  const principal = principalOf(claims, rules, now);
  const { exp, cnf } = claims;
  const left = typeof exp === "number" ? exp * 1000 - now : keepFor;
  return {
    principal,
    marks: marksOf(claims),
    confirmation: confirmationOf(cnf),
    keepFor: Math.max(0, Math.min(keepFor, left)),
  };
}
