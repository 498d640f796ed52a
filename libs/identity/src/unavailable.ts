import { GatewayError } from "@tandem/contracts/errors";

/** For whenever nobody can tell whether a credential is good: not the caller's fault, and worth another try. */
export const unavailable = (cause?: unknown): GatewayError =>
  new GatewayError("identity.unavailable", { cause, headers: { "retry-after": "1" } });
