import { GatewayError } from "@tandem/contracts/errors";
import { isAnonymous, type Principal } from "@tandem/contracts/principal";
import type { Exchange } from "@tandem/kernel/exchange";
import { credentialOf, type Accepted } from "./credential.ts";
import type { KindName } from "./strategy.ts";

/** Which credential was found; never what it is. */
export interface CredentialEvidence {
  readonly credential: KindName | "none" | "not accepted" | "given by whoever asks";
  /** It came under a scheme that asks for a proof. */
  readonly scheme?: "DPoP";
  /** It proved good; what is wrong with it is in the problem. */
  readonly good: boolean;
  readonly principal: Principal;
}

/** Tells what kind of credential a request shows, and for whom it stood. */
export function explainCredential({ request, principal, transport }: Exchange, accepted: Accepted): CredentialEvidence {
  const outcome = { good: !isAnonymous(principal), principal };
  if (transport.kind === "dry" && transport.caller) return { credential: "given by whoever asks", ...outcome };
  try {
    const { kind = "none", scheme } = credentialOf(request, accepted) ?? {};
    return { credential: kind, ...(scheme && { scheme }), ...outcome };
  } catch (error) {
    // The stage refused it for the same.
    if (error instanceof GatewayError) return { credential: "not accepted", ...outcome };
    throw error;
  }
}
