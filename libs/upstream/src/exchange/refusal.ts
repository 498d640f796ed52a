import { assertionScheme } from "@tandem/contracts/assertion";
import { GatewayError } from "@tandem/contracts/errors";
import type { Hop } from "./hop.ts";

/** Tells by the challenge of a 401 that the next tier refuses this one, and not the client, who could do nothing about it. */
export function refusalOf(hop: Hop, challenges: string | readonly string[] | undefined): GatewayError | undefined {
  if (!hop.vouched) return undefined;
  const challenge = [challenges].flat().find((one) => one?.startsWith(`${assertionScheme} `));
  if (challenge === undefined) return undefined;
  return new GatewayError(hop.codes.failed, { cause: new Error(`${hop.target} refuses this tier: ${challenge}`) });
}
