import { bearerChallenge } from "@tandem/contracts/challenge";
import { GatewayError } from "@tandem/contracts/errors";
import type { HeaderList } from "@tandem/kernel/header-list";
import { tokenError } from "./token-error.ts";

/** What a request presents, and the name of the one passport strategy that judges it. */
export interface Credential {
  readonly strategy: "jwt";
  readonly text: string;
}

/** Beyond this no token is looked at (RFC 8725 knows no limit, header parsers do). */
const longestToken = 8192;

/**
 * Finds the one credential of a request, in a clean header list. Two of them are refused whatever they are worth: which
 * one counts would be for an attacker to find out.
 */
export function credentialOf(headers: HeaderList): Credential | undefined {
  let found = -1;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index];
    if (name !== "authorization" && name !== "x-api-key") continue;
    if (found !== -1) throw new GatewayError("credentials.multiple");
    found = index;
  }
  if (found === -1) return undefined;
  const value = headers[found + 1] ?? "";
  if (headers[found] === "authorization" && isBearer(value)) return { strategy: "jwt", text: tokenIn(value) };
  if (headers[found] === "x-api-key" && value.includes(",")) throw new GatewayError("credentials.multiple");
  throw new GatewayError("credentials.unsupported", { headers: { "www-authenticate": bearerChallenge } });
}

const isBearer = (value: string): boolean => value.startsWith("Bearer ") || /^bearer(?: |$)/i.test(value);

function tokenIn(value: string): string {
  let start = 6;
  while (value.charCodeAt(start) === 32) start++;
  const token = value.slice(start);
  if (token.includes(",")) throw new GatewayError("credentials.multiple");
  if (token.length > longestToken)
    throw tokenError("token.too-long", `at most ${longestToken} characters are accepted`);
  return token;
}
