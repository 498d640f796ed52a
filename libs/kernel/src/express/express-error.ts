import { GatewayError } from "@tandem/contracts/errors";

/** What failed in Express or a middleware, as something that can be answered; of an unknown error nothing is told. */
export function errorOfExpress(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  switch (statusOf(error)) {
    case 400:
    case 415:
      return new GatewayError("request.malformed", { cause: error });
    case 413:
      return new GatewayError("body.too-large", { cause: error });
    default:
      return new GatewayError("server.error", { cause: error });
  }
}

/** Express and its body parsers throw errors with the status that they would answer with. */
function statusOf(error: unknown): number {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : 500;
}
