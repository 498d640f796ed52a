import { realm } from "@tandem/contracts/challenge";
import { GatewayError, problems, type ProblemCode } from "@tandem/contracts/errors";
import { algorithms } from "../jose/algorithm.ts";

interface Particulars {
  /** In the words of RFC 9449 §7.1. */
  readonly error?: "invalid_token" | "invalid_dpop_proof" | "use_dpop_nonce";
  readonly detail?: string | undefined;
  readonly nonce?: string | undefined;
  readonly cause?: unknown;
}

/** A refused token, or proof, under the DPoP scheme; the detail is public and must hold nothing of either. */
export function dpopError(
  code: ProblemCode,
  { error = "invalid_token", detail, nonce, cause }: Particulars,
): GatewayError {
  const description = `error="${error}", error_description="${problems[code].title}"`;
  return new GatewayError(code, {
    cause,
    ...(detail !== undefined && { detail }),
    headers: {
      "www-authenticate": `DPoP realm="${realm}", ${description}, algs="${algorithms.join(" ")}"`,
      ...(nonce !== undefined && { "dpop-nonce": nonce }),
    },
  });
}

/** Says what is refused as a bearer token in the words of the scheme under which it came. */
export function inDpop(judge: () => void | Promise<void>): void | Promise<void> {
  try {
    return judge()?.catch(asDpop);
  } catch (error) {
    asDpop(error);
  }
}

function asDpop(error: unknown): never {
  if (!(error instanceof GatewayError) || !error.headers["www-authenticate"]?.startsWith("Bearer ")) throw error;
  throw dpopError(error.code, { detail: error.detail, cause: error.cause });
}
