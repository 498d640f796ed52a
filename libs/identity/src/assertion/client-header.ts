import { isIP } from "node:net";
import { GatewayError } from "@tandem/contracts/errors";
import type { RequestView } from "@tandem/kernel/request-view";

/** What the security tier saw of the client, and the routing tier cannot see itself. */
export interface ClientFacts {
  readonly address: string;
  readonly scheme: "http" | "https";
  /** HTTP version, TLS version and server name. */
  readonly protocol?: string;
  readonly tls?: string;
  readonly sni?: string;
  /** Whether the request is traced is settled: by a caller that the security tier trusts, or by a principal who may. */
  readonly trace?: "decided";
}

/** A name that a client asked for over TLS is a stranger's text; what is no host name is left out. */
const hostName = /^[A-Za-z0-9_.-]{1,253}$/;

/** Writes the `tandem-client` header: a dictionary of structured fields (RFC 9651). */
export function writeClient(
  { clientAddress, protocol, scheme, peer: { tls } }: RequestView,
  { traceDecided = false }: { readonly traceDecided?: boolean | undefined } = {},
): string {
  const decided = traceDecided ? ", trace=decided" : "";
  const common = `address="${clientAddress}", protocol="${protocol}", scheme=${scheme}${decided}`;
  if (!tls) return common;
  const sni = tls.sni !== undefined && hostName.test(tls.sni) ? `, sni="${tls.sni}"` : "";
  return `${common}, tls="${tls.version}"${sni}`;
}

const longest = 1024;
/** One member: a key, and a string without escapes or a token. We write nothing else, so we read nothing else. */
const member = /([a-z][a-z0-9_-]*)=(?:"([ !#-[\]-~]*)"|([A-Za-z][A-Za-z0-9.-]*))(?:$|, *(?=[a-z]))/y;

/** Reads the header. What it does not know is left alone, so that the security tier may come to say more. */
export function readClient(text: string): ClientFacts {
  const facts = new Map<string, string>();
  if (text.length > longest) throw malformed("it is too long");
  member.lastIndex = 0;
  while (member.lastIndex < text.length) {
    const [, key = "", string, token = ""] = member.exec(text) ?? [];
    if (key === "") throw malformed("it is not a dictionary of plain members");
    if (facts.has(key)) throw malformed("it says something twice");
    facts.set(key, string ?? token);
  }
  const address = facts.get("address") ?? "";
  const scheme = facts.get("scheme");
  if (isIP(address) === 0) throw malformed("it names no address");
  if (scheme !== "http" && scheme !== "https") throw malformed("it names no scheme");
  const [protocol, tls, sni] = [facts.get("protocol"), facts.get("tls"), facts.get("sni")];
  return {
    address,
    scheme,
    ...(protocol && { protocol }),
    ...(tls && { tls }),
    ...(sni && { sni }),
    ...(facts.get("trace") === "decided" && { trace: "decided" }),
  };
}

const malformed = (detail: string): GatewayError =>
  new GatewayError("request.header", { detail: `tandem-client: ${detail}` });
