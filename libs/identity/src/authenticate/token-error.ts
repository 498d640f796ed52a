import { bearerChallenge } from "@tandem/contracts/challenge";
import { GatewayError, problems, type ProblemCode } from "@tandem/contracts/errors";

/** A refused token, with the challenge of RFC 6750 §3; the detail is public and must hold nothing of the token. */
export function tokenError(code: ProblemCode, detail?: string, cause?: unknown): GatewayError {
  const challenge = `${bearerChallenge}, error="invalid_token", error_description="${problems[code].title}"`;
  return new GatewayError(code, { cause, headers: { "www-authenticate": challenge }, ...(detail && { detail }) });
}
