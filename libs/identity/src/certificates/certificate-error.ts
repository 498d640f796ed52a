import { bearerChallenge } from "@tandem/contracts/challenge";
import { GatewayError } from "@tandem/contracts/errors";

/** A certificate that the listener let in and that stands for nobody; the detail is public and names nobody. */
export const certificateError = (detail: string): GatewayError =>
  new GatewayError("credentials.certificate", { detail, headers: { "www-authenticate": bearerChallenge } });
