import { isIPv4, isIPv6 } from "node:net";

export type Scheme = "http" | "https";

/** The one spelling of an address, always with its port; undefined where there is none. */
export function originOf(scheme: Scheme, address: string, port: number): string | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  // Most are addresses in their only spelling; reading URLs is most of the cost of a list of thousands.
  if (isIPv4(address)) return `${scheme}://${address}:${port}`;
  const host = isIPv6(address) ? `[${address}]` : address;
  const url = URL.parse(`${scheme}://${host}:${port}`);
  // Whatever the URL parser reads differently (a path, a user, spaces) was not a bare host.
  if (!url || url.hostname === "" || (!isIPv6(address) && url.hostname !== host.toLowerCase())) return undefined;
  return `${scheme}://${url.hostname}:${port}`;
}

/** Reads `http://host:port` or `https://host:port`; gives undefined for anything that is more, or less, than an origin. */
export function parseOrigin(text: string): string | undefined {
  const [, scheme, host = "", port] = /^(https?):\/\/(\[[^\]]*\]|[^/?#@:\s]+)(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  const secure = scheme.toLowerCase() === "https";
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  return originOf(secure ? "https" : "http", bare, port === undefined ? (secure ? 443 : 80) : Number(port));
}
