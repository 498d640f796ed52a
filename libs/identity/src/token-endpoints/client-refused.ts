import { GatewayError, problems } from "@tandem/contracts/errors";

/** A client did not prove who it is. The message says why: it is for the record alone, and holds nothing that was presented. */
export class ClientRefused extends Error {
  override readonly name = "ClientRefused";
}

/** Makes a refused credential a refused client; for `catch`. Where nobody could tell, it stays what it is. */
export function asRefusal(error: unknown): never {
  if (!(error instanceof GatewayError) || error.status !== 401) throw error;
  throw new ClientRefused(error.detail ?? problems[error.code].title);
}
