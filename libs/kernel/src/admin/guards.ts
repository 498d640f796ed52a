import { GatewayError } from "@tandem/contracts/errors";
import type { Secret } from "@tandem/platform/config/secret";
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** Lets a request with the admin token pass, and refuses every other alike; without a token all of them. */
export function createTokenGuard(token: Secret | undefined): (headers: IncomingHttpHeaders) => void {
  const expected = token && digestOf(token.reveal());
  return ({ authorization = "" }) => {
    const [, presented] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    // Digests have one length, and of what was compared tell nothing: the time that it takes says nothing either.
    const known =
      expected !== undefined && timingSafeEqual(digestOf(presented ?? ""), expected) && presented !== undefined;
    if (!known)
      throw new GatewayError("identity.required", { headers: { "www-authenticate": 'Bearer realm="tandem admin"' } });
  };
}

/**
 * Keeps web pages out. A page may make the browser of an operator call us: then its Origin is not ours. Or its own name
 * is suddenly said to be our address (DNS rebinding): then the Host has a dot, is no address, and is not listed.
 */
export function createBrowserGuard(hosts: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const listed = new Set(hosts);
  return ({ host = "", origin, "sec-fetch-site": site }) => {
    const name = nameOf(host);
    if (name.includes(".") && !isIP(name) && !listed.has(name))
      throw new GatewayError("access.denied", { detail: "this Host is not one of the admin plane's" });
    if ((origin !== undefined && origin !== `http://${host}`) || site === "cross-site" || site === "same-site")
      throw new GatewayError("access.denied", { detail: "other sites may not call the admin plane" });
  };
}

/** The name or address in a Host, without its port, brackets and last dot. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host);
  return bracketed ? bracketed[1]! : host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
