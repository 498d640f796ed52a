import { GatewayError } from "@tandem/contracts/errors";

const usual: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

// A tunnel, and an echo of the credentials.
const unsupported: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Throws on the methods that no gateway should carry, and on what is no method: upper case, as all registered ones are. */
export function checkMethod(method: string): void {
  if (usual.has(method)) return;
  if (unsupported.has(method) || !/^[A-Z][A-Z-]{0,23}$/.test(method)) throw new GatewayError("request.method");
}
