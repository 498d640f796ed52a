import { GatewayError } from "@tandem/contracts/errors";
import { METHODS } from "node:http";

// A tunnel, and an echo of the credentials.
const unsupported: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** The methods that get past hygiene: HTTP/2 takes any word for one; the parser of HTTP/1, which every next hop begins with, knows these alone. */
export const carriedMethods: ReadonlySet<string> = new Set(METHODS.filter((method) => !unsupported.has(method)));

/** Throws on the methods that no gateway should carry, and on those that the next hop would not understand. */
export function checkMethod(method: string): void {
  if (!carriedMethods.has(method)) throw new GatewayError("request.method");
}
