import { assertionScheme } from "@tandem/contracts/assertion";
import { GatewayError, type ProblemCode } from "@tandem/contracts/errors";

/** A refused assertion. The challenge names a scheme that no client can use: only the security tier vouches for callers, and reads there what was wrong. */
export const assertionError = (code: ProblemCode, detail?: string): GatewayError =>
  new GatewayError(code, {
    headers: { "www-authenticate": `${assertionScheme} realm="routing", error="${code}"` },
    ...(detail && { detail }),
  });
