import { isIPv4, isIPv6 } from "node:net";

/** A host and port in their one normal form. */
export interface Authority {
  /** Lower case, without a port and without a final dot: what routes and policies match. */
  readonly host: string;
  /** Absent where it is the default of the scheme. */
  readonly port: number | undefined;
  /** `host` or `host:port`, as the next hop may be told. */
  readonly text: string;
}

/** Why a host has no normal form: the key is for tests and logs, the sentence for the client. */
export const hostRefusals = {
  empty: "the host is empty",
  character: "the host holds a character that no host name has",
  label: "a label of the host is empty or too long",
  address: "the host ends in a number and is not an IPv4 address",
  literal: "the bracketed host is not an IPv6 address",
  port: "the port is not a number from 1 to 65535",
} as const;

export type HostRefusal = keyof typeof hostRefusals;

const longestName = 253;
const longestLabel = 63;

/** The normal form of a `host[:port]`, or why there is none; the scheme tells which port goes without saying. */
export function normaliseHost(raw: string, scheme: "http" | "https"): Authority | HostRefusal {
  if (raw === "") return "empty";
  if (raw.startsWith("[")) return normaliseLiteral(raw, scheme);
  const colon = raw.indexOf(":");
  const port = colon < 0 ? undefined : portOf(raw, colon);
  if (port === 0) return "port";
  // The final dot only says that the name is absolute, which it is anyway.
  const nameEnd = colon < 0 ? raw.length : colon;
  const name = raw.slice(0, raw.charCodeAt(nameEnd - 1) === dot ? nameEnd - 1 : nameEnd);
  // Looked at before it is lower case: the Kelvin sign becomes a `k`.
  return nameProblem(name) ?? authorityOf(name.toLowerCase(), port, scheme);
}

const dot = 0x2e;

function normaliseLiteral(raw: string, scheme: "http" | "https"): Authority | HostRefusal {
  const close = raw.indexOf("]");
  const address = raw.slice(1, close);
  if (close < 0 || address.includes("%") || !isIPv6(address)) return "literal";
  if (close < raw.length - 1 && raw[close + 1] !== ":") return "literal";
  const port = close === raw.length - 1 ? undefined : portOf(raw, close + 1);
  if (port === 0) return "port";
  // One address has many spellings; the URL parser knows the canonical one (RFC 5952).
  return authorityOf(new URL(`http://[${address}]`).hostname, port, scheme);
}

function authorityOf(host: string, port: number | undefined, scheme: "http" | "https"): Authority {
  if (port === undefined || port === (scheme === "https" ? 443 : 80)) return { host, port: undefined, text: host };
  return { host, port, text: `${host}:${port}` };
}

/** The port behind the colon; 0 where there is none. */
function portOf(raw: string, colon: number): number {
  const digits = raw.length - colon - 1;
  if (digits < 1 || digits > 5 || raw.charCodeAt(colon + 1) === 0x30) return 0;
  let port = 0;
  for (let index = colon + 1; index < raw.length; index++) {
    const digit = raw.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return 0;
    port = port * 10 + digit;
  }
  return port > 65535 ? 0 : port;
}

function nameProblem(name: string): HostRefusal | undefined {
  if (name === "") return "empty";
  let labelStart = 0;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code === dot) {
      if (index === labelStart || index - labelStart > longestLabel) return "label";
      labelStart = index + 1;
    } else if (!isNameCharacter(code)) return "character";
  }
  if (labelStart === name.length || name.length - labelStart > longestLabel || name.length > longestName)
    return "label";
  // `127.1`, `0x7f.1` and `2130706433` are addresses to some resolvers and names to others.
  const first = name.charCodeAt(labelStart);
  return first >= 0x30 && first <= 0x39 && isNumber(name, labelStart) && !isIPv4(name) ? "address" : undefined;
}

// The underscore is no part of a host name, but container networks name hosts with it.
const isNameCharacter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2d ||
  code === 0x5f;

const isNumber = (name: string, start: number): boolean => /^(?:[0-9]+|0x[0-9a-f]*)$/i.test(name.slice(start));
